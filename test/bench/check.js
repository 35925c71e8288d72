// Measures `drillbook check` against its floor, YAML and compiled schemas in a bundle, in pairs side by side:
// `node test/bench/check.js [FILES] [PAIRS]`. The ratio of each pair is of processor time; nothing is asserted.
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { MAIN, ROOT, runNode } from './node-process.js';
import { median, printTable, verdict } from './side-by-side.js';

const [MANY, PAIRS] = [Number(process.argv[2] ?? 1000), Number(process.argv[3] ?? 5)];
const PLAYBOOKS = join(ROOT, 'playbooks');

async function bundleFloor(folder) {
  const build = await rolldown({ input: join(import.meta.dirname, 'check-floor.js'), platform: 'node' });
  const { output } = await build.generate({ format: 'cjs' });
  await build.close();
  const path = join(folder, 'floor.cjs');
  writeFileSync(path, output[0].code);
  return path;
}

/** Copies of the shipped playbooks under ids of their own, in turn, which call what the shipped ones call. */
function copies(folder) {
  const shipped = readdirSync(PLAYBOOKS).filter(
    (name) => name.endsWith('.yaml') && !['schedule.yaml', 'monitors.yaml'].includes(name),
  );
  return Array.from({ length: MANY }, (_, index) => {
    const text = readFileSync(join(PLAYBOOKS, shipped[index % shipped.length]), 'utf8');
    const path = join(folder, `copy-${String(index)}.yaml`);
    writeFileSync(path, text.replace(/^id: .*$/m, `id: copy-${String(index)}`));
    return path;
  });
}

/** The median ratio of the pairs, and the least time of each. */
function inPairs(floor, files, pairs) {
  const measured = Array.from({ length: pairs }, () => ({
    floor: runNode([floor, ...files]),
    check: runNode([MAIN, 'check', ...files]),
  }));
  const least = (what) => Math.min(...measured.map((pair) => pair[what].cpu));
  return {
    ratio: median(measured.map((pair) => pair.check.cpu / pair.floor.cpu)),
    floor: least('floor'),
    check: least('check'),
    memory: median(measured.map((pair) => pair.check.memory)),
  };
}

const folder = mkdtempSync(join(tmpdir(), 'drillbook-bench-'));
try {
  const floor = await bundleFloor(folder);
  const row = (name, aim, { ratio, ...found }) => [
    name,
    `${found.floor.toFixed(0)} ms`,
    `${found.check.toFixed(0)} ms`,
    `${ratio.toFixed(2)} ×`,
    verdict(String(aim), ratio <= aim),
    `${found.memory.toFixed(0)} MiB`,
  ];
  const one = inPairs(floor, [join(PLAYBOOKS, 'database-corruption.yaml')], 4 * PAIRS);
  const many = inPairs(floor, copies(folder), PAIRS);
  printTable(
    'drillbook check against YAML and schemas alone: processors, least of each; median ratio of the pairs',
    ['', 'floor', 'check', 'ratio', 'aim', 'memory'],
    [row('one playbook', 1.4, one), row(`${String(MANY)} playbooks`, 1.3, many)],
  );
} finally {
  rmSync(folder, { recursive: true });
}
