// A step that runs a program, against bare loops over the same program: `node test/bench/shell-step.js [count [rounds]]`.
// Whole processes in turn, each running it often and once: the difference is what one time more costs.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { MAIN } from './node-process.js';
import { isInstalled, least, median, printTable, processorSeconds } from './side-by-side.js';

const [count = 200, rounds = 7] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), 'drillbook-bench-'));

const SPAWN_LOOP = `
  const { spawn } = require('node:child_process');
  const { once } = require('node:events');
  const [times, ...command] = process.argv.slice(1);
  (async () => {
    for (let left = Number(times); left > 0; left--) {
      const child = spawn(command[0], command.slice(1));
      child.stdout.resume();
      child.stderr.resume();
      await once(child, 'close');
    }
  })();`;

const file = (name, text) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

/** The command line that runs the program so many times. */
const WAYS = {
  'a step of drillbook': (times) => {
    const steps = Array.from(
      { length: times },
      (_, index) =>
        `  - { id: step${index}, title: Step ${index}, uses: shell, effect: read, with: { command: [/bin/true] } }\n`,
    );
    const playbook = `version: 1\nid: bench\ntitle: Bench\nsummary: Runs a program.\nsteps:\n${steps.join('')}`;
    const environment = file('environment.yaml', 'version: 1\nname: bench\nkind: sandbox\n');
    const options = ['--env', environment, '--store', join(folder, 'store'), '--unattended'];
    return [process.execPath, MAIN, 'drill', ...options, file(`bench-${times}.yaml`, playbook)];
  },
  'spawn of /bin/true, small Node.js': (times) => [process.execPath, '-e', SPAWN_LOOP, times, '/bin/true'],
  'spawn of sh -c /bin/true, small Node.js': (times) => [
    process.execPath,
    ...['-e', SPAWN_LOOP, times, 'sh', '-c', '/bin/true'],
  ],
  ...(isInstalled('just', 'the comparison with it') && {
    'a line of just': (times) => [
      'just',
      ...['--justfile', file(`bench-${times}.just`, `all:\n${'    @/bin/true\n'.repeat(times)}`)],
    ],
  }),
};

/** Milliseconds by the clock and of the processors, of a process with all that it started. */
function run(command) {
  const [used, start] = [processorSeconds(process.pid), performance.now()];
  const { status, stderr } = spawnSync(command[0], command.slice(1).map(String), {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: '' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const clock = performance.now() - start;
  if (status !== 0) throw new Error(`${command.join(' ')} ended with ${status}: ${stderr}`);
  return { clock, processors: (processorSeconds(process.pid) - used) * 1000 };
}

try {
  const measured = new Map(Object.keys(WAYS).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, commandFor] of Object.entries(WAYS)) {
      const [once, often] = [run(commandFor(1)), run(commandFor(count + 1))];
      measured.get(name).push({
        clock: (often.clock - once.clock) / count,
        processors: (often.processors - once.processors) / count,
      });
    }
  }
  console.log(`Node.js ${process.version}, ${cpus().length} processors, load ${loadavg()[0].toFixed(1)}`);
  printTable(
    `/bin/true ${count} times, milliseconds a time, least and median of ${rounds}`,
    ['', 'clock', '', 'processors', ''],
    [...measured].map(([name, list]) => [
      name,
      ...['clock', 'processors'].flatMap((what) =>
        [least, median].map((pick) => pick(list.map((one) => one[what])).toFixed(1)),
      ),
    ]),
  );
} finally {
  rmSync(folder, { recursive: true });
}
