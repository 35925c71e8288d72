// Listing a store of many runs: `npm run build && node test/bench/runs.js [runs] [rounds]`. The store is made of the
// journals of releases in test/journals. Each command is measured in turn with bare Node.js, and with the same command
// over an empty store; first comes the one look for which every journal has to be read. Nothing is asserted.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { makeLargeStore } from './large-store.js';
import { least, median, printTable } from './side-by-side.js';

const RUNS = Number(process.argv[2] ?? 10_000);
const ROUNDS = Number(process.argv[3] ?? 5);
const HERE = import.meta.dirname;
const MAIN = resolve(HERE, '../../dist/cli/main.cjs');
const JOURNALS = ['succeeds', 'aborts'].map((name) =>
  resolve(HERE, '../journals/0.1.0', name, 'journal.jsonl'),
);
const COMMANDS = [
  ['list'],
  ['runs'],
  ['history'],
  ['history', '--format', 'scorecard'],
  ['history', '--format', 'html'],
  ['runs', '--json'],
  ['audit'],
];

function measure(args) {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: tmpdir(), maxBuffer: 2 ** 30 });
  if (status !== 0) throw new Error(stderr.toString());
  return (performance.now() - start) / 1000;
}

const folder = mkdtempSync(join(tmpdir(), 'drillbook-bench-'));
try {
  makeLargeStore(folder, RUNS, JOURNALS);
  const first = measure([MAIN, 'runs', '--store', folder]);
  console.log(`The first look at ${RUNS} runs: ${first.toFixed(1)} s`);
  const ways = new Map([
    ['node -e 0', ['-e', '0']],
    ...COMMANDS.flatMap((command) => [
      [`${command.join(' ')}, no run`, [MAIN, ...command, '--store', join(folder, 'none')]],
      [`${command.join(' ')}, ${RUNS} runs`, [MAIN, ...command, '--store', folder]],
    ]),
  ]);
  const seconds = new Map([...ways.keys()].map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, args] of ways) seconds.get(name).push(measure(args));
  const bare = least(seconds.get('node -e 0'));
  printTable(
    'Seconds by the clock',
    ['', 'least', 'median', '× node -e 0'],
    [...seconds].map(([name, all]) => [
      name,
      least(all).toFixed(2),
      median(all).toFixed(2),
      (least(all) / bare).toFixed(1),
    ]),
  );
} finally {
  rmSync(folder, { recursive: true });
}
