import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { desk, environmentOf, folderOf, open, planOf } from '../parts-rig.ts';

const APP = `
  app:
    uses: process
    with:
      command: [node, app.js, '\${{ port }}']
      ready: { url: 'http://127.0.0.1:\${{ port }}/' }
`;
const FILES = {
  'app.js':
    "require('node:http').createServer((_, answer) => answer.end('open')).listen(process.argv[2], '127.0.0.1');",
  'seed.sql': 'create table notes (note text)',
};

test('a part of the kind process stands below services as a whole, with its address', async () => {
  const world = await open(
    planOf(`parts:${APP}\nenvironment:\n  services: { shop: '\${{ parts.app }}' }\n`, FILES),
  );
  const { services } = await environmentOf<{
    readonly services: { readonly shop: { readonly name: string; readonly url: string } };
  }>(world);
  expect(services.shop.name).toBe('app');
  expect(await (await fetch(services.shop.url)).text()).toBe('open');
});

test('a part is started once those run that it needs, though it is told nothing of them', async () => {
  const late =
    "setTimeout(() => { require('node:fs').writeFileSync('made', ''); console.log('ready'); }, 300)";
  const world = await open(
    planOf(
      `parts:
  reader: { uses: process, needs: [maker], with: { command: [node, reader.js], ready: { prints: found } } }
  maker: { uses: process, with: { command: [node, maker.js], ready: { prints: ready } } }
environment: {}
`,
      {
        'maker.js': `${late}; setInterval(() => {}, 1000);`,
        'reader.js':
          "console.log(require('node:fs').existsSync('made') ? 'found' : 'missed'); setInterval(() => {}, 1000);",
      },
    ),
  );
  expect(Object.keys((await world.state())['parts'] ?? {})).toEqual(['maker', 'reader']);
});

test('nobody writes through a program that was told of no database', async () => {
  const plan = planOf(
    `parts:${APP}
  db: { uses: postgres, with: { seed: ./seed.sql } }
  notes:
    uses: writer
    with:
      database: \${{ parts.db }}
      through: \${{ parts.app }}
      sql: insert into notes values ($1)
      find: select note from notes where note = any($1)
environment: {}
`,
    FILES,
  );
  await expect(open(plan)).rejects.toThrow(
    /nobody can come to db through app: none of its variables names db/,
  );
});

/** A worker, which has no port: it says when it has begun. */
const WORKER = (awaited: string): string => `
parts:
  worker:
    uses: process
    with:
      command: [node, worker.js]
      ready: { prints: ${awaited}, timeout: 2s }
environment: { values: { desk: { worker: "\${{ parts.worker.control }}", token: "\${{ desk.token }}" } } }
`;
const BEGINS = {
  'worker.js':
    "const begin = () => { console.log('worker ready'); setInterval(() => undefined, 1000); }; setTimeout(begin, 100);",
};

test('a process without a port is ready when it has printed what it is known by, anew after each start', async () => {
  const world = await open(planOf(WORKER('worker ready'), BEGINS));
  const said = async () =>
    (await readFile(join(folderOf(world), 'parts', 'worker.log'), 'utf8')).trim().split('\n');
  expect(await said()).toEqual(['worker ready']);
  expect(await desk(world, 'worker', '/restart')).toMatchObject({ status: 200 });
  expect(await said()).toEqual(['worker ready', 'worker ready']);
});

test('one that never prints it fails the start, with what it printed', async () => {
  await expect(open(planOf(WORKER('all is well'), BEGINS))).rejects.toThrow(
    /the part worker does not come up: it is not ready after 2 s: it has not printed "all is well"\nworker ready/,
  );
});
