// How long a world of a file takes to come up, with PostgreSQL and a program in it, beside the same two started bare:
// `npm run build && node test/bench/world.js [rounds]`. Nothing is asserted.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadWorld } from '../../dist/load/world.js';
import { install } from '../../dist/sandbox/postgres/installation.js';
import { PostgresServer } from '../../dist/sandbox/postgres/server.js';
import { startWorld } from '../../dist/sandbox/world.js';
import { SourceFile } from '../../dist/source/file.js';
import { ROOT } from './node-process.js';
import { least, median, printTable, verdict } from './side-by-side.js';

const ROUNDS = Number(process.argv[2] ?? 10);
const AIM_SECONDS = 3;

const APP = `require('node:net').createServer().listen(Number(process.argv[2]), '127.0.0.1', () => console.log('open'));`;
const WORLD = `version: 1
name: bench
parts:
  db: { uses: postgres }
  app:
    uses: process
    with: { command: [node, app.cjs, "\${{ port }}"], env: { DATABASE_URL: "\${{ parts.db.url }}" } }
environment:
  databases: { main: "\${{ parts.db }}" }
`;

const folder = mkdtempSync(join(tmpdir(), 'drillbook-bench-'));
const path = join(folder, 'bench.yaml');
writeFileSync(join(folder, 'app.cjs'), APP);
writeFileSync(path, WORLD);
const plan = loadWorld(new SourceFile(path, WORLD)).value;

/** The built program of a world: what is measured is what ships. */
const bundles = join(ROOT, 'dist', 'bundle');
const entry = pathToFileURL(
  join(bundles, readFileSync(join(bundles, 'current'), 'utf8'), 'sandbox.main.mjs'),
);

async function seconds(work) {
  const start = performance.now();
  const end = await work();
  const taken = (performance.now() - start) / 1000;
  await end();
  return taken;
}

const world = async () => {
  const started = await startWorld({ plan, entry });
  return () => started.stop();
};

/** One after the other, as the program needs the database: a new cluster, its server, the program until it listens. */
const bare = async () => {
  const place = mkdtempSync(join(tmpdir(), 'drillbook-bench-bare-'));
  const server = new PostgresServer(await install(place, () => undefined), 'db');
  await server.initialise();
  await server.start();
  const app = spawn('node', [join(folder, 'app.cjs'), '0'], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(app.stdout, 'data');
  return async () => {
    app.kill();
    await server.stop();
    rmSync(place, { recursive: true });
  };
};

try {
  const ways = { 'a world of postgres and process': world, 'the same two, bare': bare };
  const measured = new Map(Object.keys(ways).map((name) => [name, []]));
  // The first round makes the empty cluster that is kept, and is not counted.
  for (const way of Object.values(ways)) await seconds(way);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, way] of Object.entries(ways)) measured.get(name).push(await seconds(way));
  }
  const rows = [...measured].map(([name, taken]) => [
    name,
    least(taken).toFixed(2),
    median(taken).toFixed(2),
    ways[name] === world ? verdict(AIM_SECONDS, median(taken) <= AIM_SECONDS) : '',
  ]);
  const load = loadavg().map((one) => one.toFixed(0));
  console.log(`Node.js ${process.version}, ${cpus().length} × ${cpus()[0].model}, load ${load.join(', ')}`);
  printTable(`Until it is up, ${ROUNDS} rounds`, ['', 'seconds, least', 'median', 'aim, at most'], rows);
} finally {
  rmSync(folder, { recursive: true });
}
