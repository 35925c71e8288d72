// Measures what docs/performance.md shows: `npm run bench`. Figures are ratios against something bare that
// is measured side by side in the same minutes, because machines differ and are noisy. Nothing is asserted.
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { MAIN, runNode } from './node-process.js';
import { runNoOpPlaybook } from './no-op-run.js';
import { least, median } from './side-by-side.js';

const STARTS = 40;
const STEPS = 1000;
const RUNS = 7;

function startUp() {
  const contestants = new Map([
    ['node -e 0', ['-e', '0']],
    ['drillbook --version', [MAIN, '--version']],
    ['drillbook --help', [MAIN, '--help']],
    ['drillbook check, one playbook', [MAIN, 'check', join('playbooks', 'database-corruption.yaml')]],
  ]);
  const measured = new Map([...contestants.keys()].map((name) => [name, []]));
  // The first round makes the code cache where there is none, and is not counted.
  for (const args of contestants.values()) runNode(args);
  for (let round = 0; round < STARTS; round++) {
    for (const [name, args] of contestants) measured.get(name).push(runNode(args));
  }
  const figures = (name, pick) =>
    ['wall', 'cpu'].map((what) => pick(measured.get(name).map((one) => one[what])));
  console.log(`\nStart-up, least and median of ${STARTS}; × is the ratio to node -e 0`);
  console.log(`${' '.repeat(32)}   clock: least       median   processors: least       median   memory`);
  for (const name of contestants.keys()) {
    const cells = [0, 1].flatMap((what) =>
      [least, median].map((pick) => {
        const value = figures(name, pick)[what];
        const ratio = value / figures('node -e 0', pick)[what];
        return `${value.toFixed(1).padStart(7)} ${ratio.toFixed(2)}×`;
      }),
    );
    const memory = median(measured.get(name).map((one) => one.memory));
    console.log(`  ${name.padEnd(30)} ${cells.join('  ')}   ${memory.toFixed(0)} MiB`);
  }
}

/** The floor: as many appends of such a line, each made durable on its own. In milliseconds. */
function appendsWithFsync(folder, count, bytes) {
  const file = openSync(join(folder, 'appends'), 'a');
  const line = `${'x'.repeat(bytes - 1)}\n`;
  const start = performance.now();
  for (let index = 0; index < count; index++) {
    writeSync(file, line);
    fdatasyncSync(file);
  }
  const time = performance.now() - start;
  closeSync(file);
  return time;
}

async function perStep(folder, effect, title) {
  const rounds = [];
  for (let round = 0; round < RUNS; round++) {
    const run = await runNoOpPlaybook(folder, { steps: STEPS, effect });
    rounds.push({
      ...run,
      floor: appendsWithFsync(folder, 2 * STEPS, Math.round(run.journalBytes / run.events)),
    });
  }
  const both = (name, per) =>
    [least, median].map((pick) => (pick(rounds.map((one) => one[name])) / per).toFixed(3)).join(' / ');
  const [{ events, journalBytes }] = rounds;
  console.log(`\n${STEPS} steps that do nothing, ${title}; least / median of ${RUNS}`);
  console.log(
    `  in the journal                      ${events} events of ${(journalBytes / events).toFixed(0)} bytes`,
  );
  console.log(`  a step                              ${both('runMillis', STEPS)} ms`);
  console.log(`  two bare appends, each with fsync   ${both('floor', STEPS)} ms`);
  console.log(`  loading the playbook, a step        ${both('loadMillis', STEPS)} ms`);
  console.log(`  walking again on resume, a step     ${both('resumeMillis', STEPS)} ms`);
}

console.log(`Node.js ${process.version}, ${cpus().length} × ${cpus()[0].model}, ${new Date().toISOString()}`);
startUp();
const folder = mkdtempSync(join(tmpdir(), 'drillbook-bench-'));
try {
  await perStep(folder, 'none', 'of no effect: events share an fsync');
  await perStep(folder, 'write', 'claiming to write: two fsyncs each');
  console.log(
    `\nMemory of this process, at most       ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`,
  );
} finally {
  rmSync(folder, { recursive: true });
}
