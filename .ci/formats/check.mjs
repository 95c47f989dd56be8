// Checks rendered files with programs that are not part of this project: JUnit XML
// against the schema of Jenkins, by libxml2, and SARIF against the rules of the
// SARIF SDK, including those of GitHub's code scanning. A file broken on purpose
// must not pass.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';

const [, , modules, folder] = process.argv;
const require = createRequire(`${process.cwd()}/${modules}/`);
const { validateXML } = require('xmllint-wasm');
let failed = 0;
const say = (file, problems) => {
  failed += problems.length > 0;
  console.log(`${problems.length ? 'FAILED' : 'ok    '} ${basename(file)}`);
  for (const problem of problems.slice(0, 10)) console.log(`       ${problem}`);
};
const files = (ending) => readdirSync(folder).filter((name) => name.endsWith(ending)).map((name) => join(folder, name));
const broken = (file, ending, from, to) => {
  const text = readFileSync(file, 'utf8');
  const out = join(folder, `broken${ending}`);
  writeFileSync(out, text.replace(from, to));
  if (readFileSync(out, 'utf8') === text) throw new Error(`${file} was not broken`);
  return out;
};
const must = (name, list) => {
  if (list.length === 0) throw new Error(`there is no ${name} file`);
  return list;
};

const schema = [readFileSync('audit/render/testdata/schemas/junit-4.xsd', 'utf8')];
const junit = async (file) => {
  const { errors } = await validateXML({ xml: [{ fileName: basename(file), contents: readFileSync(file, 'utf8') }], schema, initialMemoryPages: 1024, maxMemoryPages: 16384 });
  return errors.map((e) => e.rawMessage);
};
const suites = must('JUnit', files('.junit.xml'));
for (const file of suites) say(file, await junit(file));
const bad = await junit(broken(suites[0], '.xml', /<testsuites /, '<testsuites colour="red" '));
if (bad.length === 0) say('a broken JUnit file passed', ['the check accepts everything']);

// The SARIF SDK is one program per system.
const system = { darwin: 'darwin', linux: 'linux', win32: 'win32' }[process.platform];
const home = system && join(modules, 'node_modules', '@microsoft', `sarif-multitool-${system}`);
const tool = home && join(home, `Sarif.Multitool${system === 'win32' ? '.exe' : ''}`);
const sarif = (file) => {
  const out = `${file}.log`;
  const run = spawnSync(tool, ['validate', '--rule-kind', 'Sarif;Ghas;Gh', '--output', out, file], {
    encoding: 'utf8', env: { ...process.env, DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: '1', DOTNET_CLI_TELEMETRY_OPTOUT: '1' },
  });
  if (run.error || !existsSync(out)) throw new Error(`the SARIF SDK did not run: ${run.error ?? run.stdout + run.stderr}`);
  return JSON.parse(readFileSync(out, 'utf8')).runs[0].results.filter((r) => r.level !== 'note')
    .map((r) => `${r.ruleId} ${r.message.text ?? JSON.stringify(r.message.arguments)} at ${JSON.stringify(r.locations?.[0]?.physicalLocation?.region)}`);
};
if (tool && existsSync(tool)) {
  chmodSync(tool, 0o755);
  const logs = must('SARIF', files('.sarif'));
  for (const file of logs) say(file, sarif(file));
  const wrong = sarif(broken(join(folder, 'fleet.sarif'), '.sarif', /"startLine": \d+/, '"startLine": 0'));
  if (wrong.length === 0) say('a broken SARIF file passed', ['the check accepts everything']);
} else {
  console.log('the SARIF SDK has no program for this system: only its schema was checked');
}
if (failed > 0) {
  console.log(`${failed} files are not valid in their format`);
  process.exit(1);
}
console.log('all files are valid');
