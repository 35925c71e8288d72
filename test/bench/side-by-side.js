// What the benchmarks against real servers share: contestants measured in turn, and the table of them.
// By the clock a busy machine slows whoever is running; the processor time that the work took, the
// server's with it, is touched less by that, and is told beside it.
import { readdirSync, readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';

/** Linux counts processor time in hundredths of a second, whatever the machine. */
const TICK_SECONDS = 0.01;

export const least = (numbers) => Math.min(...numbers);

export const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** Tells what is left out where a program is missing. */
export function isInstalled(program, what) {
  const found = spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
  if (!found) console.log(`${program} is not installed: ${what} is left out`);
  return found;
}

/** Processor seconds of a process, of its children that have ended, and of those that live. NaN without /proc. */
export function processorSeconds(pid) {
  let fields;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return NaN;
  }
  const [user, system, childrenUser, childrenSystem] = fields.slice(11, 15).map(Number);
  let seconds = (user + system + childrenUser + childrenSystem) * TICK_SECONDS;
  for (const child of childrenOf(pid)) {
    const more = processorSeconds(child);
    // One that has ended meanwhile is counted with its parent the next time.
    if (!Number.isNaN(more)) seconds += more;
  }
  return seconds;
}

function childrenOf(pid) {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'latin1').split(' ').filter(Boolean),
    );
  } catch {
    return [];
  }
}

/**
 * Measures the ways in turn, round by round, each round beginning with another one: a busy moment hits all.
 * `before` prepares, and is not measured; `work` may tell that it did a part only (`share`). Gives the median seconds of
 * each by the clock, of its own processes and of the server's.
 */
export async function measureInTurn(ways, { rounds, serverPid, serverIsChild }) {
  const names = Object.keys(ways);
  const measured = new Map(names.map((name) => [name, []]));
  const processors = () => {
    const server = processorSeconds(serverPid);
    return { server, client: processorSeconds(process.pid) - (serverIsChild ? server : 0) };
  };
  for (let round = 0; round < rounds; round++) {
    const turn = round % names.length;
    for (const name of [...names.slice(turn), ...names.slice(0, turn)]) {
      const { before, work } = ways[name];
      const place = await before();
      const [used, start] = [processors(), performance.now()];
      const { share = 1 } = (await work(place)) ?? {};
      const clock = (performance.now() - start) / 1000;
      const after = processors();
      measured.get(name).push({
        clock: clock / share,
        client: (after.client - used.client) / share,
        server: (after.server - used.server) / share,
      });
    }
  }
  return new Map(
    [...measured].map(([name, list]) => [
      name,
      Object.fromEntries(
        ['clock', 'client', 'server'].map((what) => [what, median(list.map((one) => one[what]))]),
      ),
    ]),
  );
}

/** Prints rows of cells: the first column to the left, the others to the right. */
export function printTable(title, head, rows) {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column].length)));
  console.log(`\n${title}`);
  for (const row of all) {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
    );
    console.log(`  ${cells.join('   ')}`.trimEnd());
  }
}

/** How a figure stands to its aim: `1.5 met`. */
export const verdict = (aim, isMet) => (aim === undefined ? '' : `${aim} ${isMet ? 'met' : 'NOT MET'}`);
