// The report of a long run: `npm run build && node test/bench/report.js [steps] [rounds]`. A run of so many steps that do
// nothing is made by the real parts; then the page is made by whole commands, in turn with bare Node.js, with the page of
// a run of 50 steps and with the bare reading and verifying of the journal (`audit --verify`). Nothing is asserted.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runNoOpPlaybook } from './no-op-run.js';
import { least, median, printTable } from './side-by-side.js';

const STEPS = Number(process.argv[2] ?? 5000);
const ROUNDS = Number(process.argv[3] ?? 5);
const FEW = 50;
const MAIN = resolve(import.meta.dirname, '../../dist/cli/main.cjs');

/** Seconds by the clock, and the bytes that it printed. */
function measure(args) {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { maxBuffer: 2 ** 30 });
  if (status !== 0) throw new Error(stderr.toString());
  return { seconds: (performance.now() - start) / 1000, bytes: stdout.length };
}

const folder = mkdtempSync(join(tmpdir(), 'drillbook-bench-'));
try {
  const [many, few] = [join(folder, 'many'), join(folder, 'few')];
  await runNoOpPlaybook(many, { steps: STEPS, effect: 'none' });
  await runNoOpPlaybook(few, { steps: FEW, effect: 'none' });
  const report = (store, run) => [MAIN, 'report', run, '--format', 'html', '--store', store];
  const ways = new Map([
    ['node -e 0', ['-e', '0']],
    [`audit --verify, ${STEPS} steps`, [MAIN, 'audit', '--verify', '--store', many]],
    [`report, ${FEW} steps`, report(few, 'bench-2')],
    [`report, ${STEPS} steps`, report(many, 'bench-1')],
  ]);
  const measured = new Map([...ways.keys()].map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, args] of ways) measured.get(name).push(measure(args));
  const seconds = (name) => measured.get(name).map((each) => each.seconds);
  const bare = least(seconds('node -e 0'));
  printTable(
    'Seconds by the clock',
    ['', 'least', 'median', '× node -e 0', 'MB printed'],
    [...measured].map(([name, all]) => [
      name,
      least(seconds(name)).toFixed(2),
      median(seconds(name)).toFixed(2),
      (least(seconds(name)) / bare).toFixed(1),
      (all[0].bytes / 1e6).toFixed(2),
    ]),
  );
} finally {
  rmSync(folder, { recursive: true });
}
