import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { partSchema } from '../../../engine/load/stepschema.ts';
import { PART_KINDS } from '../../../engine/sandbox/part-kinds.ts';
import type { World } from '../../../engine/sandbox/world.ts';
import { environmentOf, planAt, secretIn } from '../parts-rig.ts';
import { query, request, start } from '../rig.ts';

const FAULT = 'network.hang';

/** Whatever is reached over the network; the database is one at Render too. */
const REACHED = `
parts:
  db: { uses: postgres }
  pages: { uses: http, with: { answers: [{ path: /, json: [] }] } }
  files: { uses: s3, with: { buckets: { photos: {} } } }
  cloud: { uses: render, with: { databases: { main: { postgres: '\${{ parts.db }}' } } } }
environment:
  render: \${{ parts.cloud.render }}
  databases: \${{ parts.cloud.databases }}
  values:
    db: \${{ parts.db.url }}
    pages: \${{ parts.pages.url }}
    files: \${{ parts.files.url }}
    cloud: \${{ parts.cloud.url }}
`;

interface Reached {
  readonly render: { readonly api: string; readonly key: { readonly file: string } };
  readonly databases: { readonly main: { readonly renderId: string } };
  readonly values: Readonly<Record<'pages' | 'files' | 'cloud', string>> & {
    readonly db: { readonly file: string };
  };
}

let world: World;
let reached: Reached;
/** The address of the database for those outside of Render. */
let outside: string;
beforeAll(async () => {
  world = await start({ plan: planAt(tmpdir(), REACHED) });
  reached = await environmentOf<Reached>(world);
  const { render, databases } = reached;
  const info = await request<{ readonly externalConnectionString: string }>(
    `${render.api}/postgres/${databases.main.renderId}/connection-info`,
    ...(['GET', undefined, { authorization: `Bearer ${secretIn(render.key)}` }] as const),
  );
  outside = info.body.externalConnectionString;
});
afterAll(() => world.stop());

/** Each asks a part in one way; whatever it answers is an answer. */
const ASKED: readonly (readonly [kind: string, part: string, ask: () => Promise<unknown>])[] = [
  ['postgres', 'db', () => query(secretIn(reached.values.db), 'select 1')],
  ['postgres', 'db', () => query(outside, 'select 1')],
  ['http', 'pages', () => fetch(reached.values.pages)],
  ['s3', 'files', () => fetch(reached.values.files)],
  ['render', 'cloud', () => fetch(`${reached.values.cloud}/v1/services`)],
];

test.each(ASKED)('a part of the kind %s falls silent as a whole: %s', async (_, part, ask) => {
  await ask();
  const { output, description } = await world.inject(FAULT, { for: '10m' }, part);
  expect(output).toMatchObject({ of: [part] });
  expect(description).toBe(
    `nothing that is asked of ${part === 'db' ? 'databases.main' : part} is answered for 10m`,
  );
  const asked = ask().then(
    () => 'answered',
    () => 'cut',
  );
  expect(await Promise.race([asked, delay(300, 'silence')])).toBe('silence');
  // The next silence takes the place of this one.
  await world.inject(FAULT, { for: '1ms' }, part);
  expect(await asked).toBe('cut');
  await ask();
});

test('each kind that it breaks is tried here', () => {
  const offered = PART_KINDS.filter((kind) => partSchema(kind)?.faults.includes(FAULT));
  expect([...new Set(ASKED.map(([kind]) => kind))].sort()).toEqual(offered);
});

test('what it does not know is refused, and nothing is broken', async () => {
  await expect(world.inject(FAULT, { of: ['render'], for: '1s' }, 'cloud')).rejects.toThrow(
    /network\.hang: with must NOT have additional properties/,
  );
  expect((await fetch(reached.values.cloud)).status).toBe(401);
});
