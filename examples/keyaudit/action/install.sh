#!/usr/bin/env bash
# Installs the program of a release, and nothing else that its archive has. It installs only
# what a digest names that is kept outside the release: what a release says of itself proves
# nothing about it. It also runs on macOS (bash 3.2) and in Git's bash on Windows.
#
#   VERSION           the release, such as 0.1.0
#   SHA256            of the archive for this machine, or
#   CHECKSUMS_SHA256  of keyaudit_VERSION_checksums.txt, which names every archive
#   FOLDER            where the program goes
#   RUNNER_OS, RUNNER_ARCH  as GitHub names them
#   RELEASES          the URL of another copy of the releases
set -euo pipefail
fail() { echo "keyaudit was not installed: $1" >&2; exit 1; }
sha256() { if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi <"$1" | cut -c 1-64; }
digest() { printf '%s' "$1" | tr 'A-F' 'a-f'; }

# shellcheck disable=SC2153 # the variables in capitals come from the action
version=${VERSION#v}
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.]+)?$ ]] || fail "\"$VERSION\" is no version"
want=$(digest "${SHA256:-}") list_want=$(digest "${CHECKSUMS_SHA256:-}")
[ -n "$want$list_want" ] || fail 'sha256 and checksums-sha256 are both empty, and one of them must say what may be installed'
for d in $want $list_want; do
  [[ $d =~ ^[0-9a-f]{64}$ ]] || fail "\"$d\" is no SHA-256 digest"
done

suffix=tar.gz program=keyaudit
case $RUNNER_OS in
  Linux) os=linux ;;
  macOS) os=darwin ;;
  Windows) os=windows suffix=zip program=keyaudit.exe ;;
  *) fail "there is no release for $RUNNER_OS" ;;
esac
case $RUNNER_ARCH in
  X64) arch=amd64 ;;
  ARM64) arch=arm64 ;;
  *) fail "there is no release for $RUNNER_ARCH" ;;
esac
archive=keyaudit_${version}_${os}_$arch.$suffix list=keyaudit_${version}_checksums.txt
releases=${RELEASES:-https://github.com/exchangekeyaudit/exchangekeyaudit/releases/download}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
download() { curl -fsSL --retry 3 --max-time 300 -o "$work/$1" "$releases/v$version/$1" || fail "$1 could not be downloaded"; }
is() { [ "$(sha256 "$work/$1")" = "$2" ] || fail "$1 is not the file that $3 names"; }

if [ -n "$list_want" ]; then
  download "$list"
  is "$list" "$list_want" checksums-sha256
  listed=$(awk -v name="$archive" '{sub(/\r$/, "")} $2 == name || $2 == "*" name {print $1}' "$work/$list")
  [[ $listed =~ ^[0-9a-f]{64}$ ]] || fail "$list does not name $archive once"
  [ -z "$want" ] || [ "$want" = "$listed" ] || fail "sha256 and $list do not agree"
  want=$listed
fi
download "$archive"
is "$archive" "$want" "${SHA256:+sha256}${CHECKSUMS_SHA256:+ $list}"

# To standard output: whatever names and links the archive has, nothing else is written.
if [ $suffix = zip ]; then
  unzip -p "$work/$archive" $program >"$work/program" || fail "$archive can't be read, or has no $program"
else
  tar -xzOf - $program <"$work/$archive" >"$work/program" || fail "$archive can't be read, or has no $program"
fi
[ -s "$work/program" ] || fail "$archive has an empty $program"
mkdir -p "$FOLDER"
chmod 755 "$work/program"
mv "$work/program" "$FOLDER/$program"
echo "keyaudit $version is installed"
