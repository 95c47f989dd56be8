#!/usr/bin/env bash
# Runs keyaudit with ARGS, and with a SARIF report at SARIF unless that is empty.
set -euo pipefail
case $ARGS in *[\"\'\\]*) echo 'args are separated by white space, and can have no quotes' >&2; exit 2 ;; esac
set -f # a * is for keyaudit, not for the shell
# shellcheck disable=SC2206 # split at white space
words=($ARGS)
[ ${#words[@]} -gt 0 ] || { echo 'args are empty' >&2; exit 2; }
[ -z "$SARIF" ] || words+=(--report "sarif=$SARIF")
code=0
"$FOLDER/keyaudit" "${words[@]}" || code=$?
case $code in 0 | 1 | 3) [ -z "$SARIF" ] || echo 'sarif=written' >>"$GITHUB_OUTPUT" ;; esac # after any other, what lies there is an earlier run's
exit "$code"
