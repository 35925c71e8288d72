import { expect, test } from 'vitest';
import { environmentOf, open, planOf } from '../parts-rig.ts';

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
  await expect(open(plan)).rejects.toThrow(/nobody can come to db through app: none of its variables is/);
});
