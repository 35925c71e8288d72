// @module-tag needs/bash
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Value, ValueMap } from '../engine/base/value.ts';
import { readAnswers } from '../engine/cli/answers.ts';
import { RenderClient } from '../engine/kinds/render/client/client.ts';
import { Report } from '../engine/load/report.ts';
import { admitOutput } from '../engine/load/schemas/own-output.ts';
import { readOwnSchema } from '../engine/load/schemas/own-schema.ts';
import { validateArgs } from '../engine/load/stepschema.ts';
import { toJson } from '../engine/load/syntax/tree.ts';
import { parseYaml } from '../engine/load/syntax/yaml.ts';
import type { Asker } from '../engine/present/ask/asker.ts';
import { askValue } from '../engine/present/ask/values.ts';
import { SourceFile } from '../engine/source/file.ts';
import type { HttpServerRig } from './rig/http-server.ts';
import { serveHttp } from './rig/http-server.ts';
import { startS3 } from './rig/s3.ts';
import { kindOf, stepRig } from './rig/step.ts';

const ID = 9007199254740993n;
const TEXT = `{"id":${ID}}`;

let folder: string;
let server: HttpServerRig;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drillbook-numbers-'));
  await writeFile(join(folder, 'given.json'), TEXT);
  server = await serveHttp((_request, response) => {
    response.setHeader('content-type', 'application/json').end(TEXT);
  });
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

async function run(name: string, args: ValueMap): Promise<ValueMap> {
  const kind = await kindOf(name);
  const { context } = stepRig();
  return kind.run(args, { ...context, run: { ...context.run, folder } });
}

// PostgreSQL's documents: sql.query.test.ts.
test.each([
  ['shell', () => ({ script: `echo '${TEXT}'`, stdout: 'json' })],
  ['file.read', () => ({ path: 'given.json', as: 'json' })],
  ['http.request', () => ({ url: server.url })],
] as const)('%s reads a whole number beyond 2^53 as it is', async (name, args) => {
  expect(await run(name, args())).toMatchObject({ json: { id: ID } });
});

test('http.request and file.write write it as it is', async () => {
  await run('http.request', { url: server.url, method: 'POST', json: { id: ID } });
  expect(server.received.at(-1)?.body).toBe(TEXT);
  await run('file.write', { path: 'written.json', json: { id: ID } });
  expect(await readFile(join(folder, 'written.json'), 'utf8')).toBe(`{\n  "id": ${ID}\n}\n`);
});

test('Render reads it as it is', async () => {
  process.env['DRILLBOOK_TEST_NUMBERS_KEY'] = 'rnd_key';
  const rig = stepRig({
    environment: { render: { api: server.url, key: { $ref: 'env', name: 'DRILLBOOK_TEST_NUMBERS_KEY' } } },
  });
  expect(await new RenderClient(rig.context).get('/services')).toEqual({ id: ID });
});

test('the policy of a bucket is written and read as it is, and set again only where a digit differs', async () => {
  const s3 = await startS3();
  try {
    const bucket = await s3.bucket();
    const policy = (size: bigint): ValueMap => ({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Deny', Condition: { NumericGreaterThan: { 's3:max-keys': size } } }],
    });
    await s3.run('s3.configure', { bucket, policy: policy(ID) });
    expect((await s3.run('s3.inspect', { bucket }))['policy']).toEqual(policy(ID));
    const again = await s3.run('s3.configure', { bucket, policy: policy(ID + 2n) });
    expect(again).toMatchObject({ changed: ['policy'], previous: { policy: policy(ID) } });
  } finally {
    await s3.close();
  }
});

test('a file of answers holds it as it is', async () => {
  const path = join(folder, 'answers.yaml');
  await writeFile(path, `from: ${ID}\nrows: { few: 3, many: [-${ID}] }\n`);
  expect(await readAnswers(path)).toEqual({ from: ID, rows: { few: 3, many: [-ID] } });
});

test.each([
  [`${ID}`, ID],
  [`{"id":[${ID},1]}`, { id: [ID, 1] }],
  [`{"$int":"${ID}"}`, ID],
])('%s, typed for a value, is kept as it is', async (typed, value) => {
  const asker = {
    field: ({ parse }: { parse: (typed: string) => { value: unknown } }) =>
      Promise.resolve(parse(typed).value),
  } as unknown as Asker;
  expect(await askValue('id:', null, asker)).toEqual({ value });
});

test('YAML holds it as it is, and tells it from its neighbour', () => {
  const treeOf = (whole: bigint) => parseYaml(new SourceFile('p.yaml', `id: ${whole}\n`), new Report())!;
  expect(treeOf(ID)).toMatchObject({ entries: [{ key: 'id', value: { value: ID } }] });
  const asText = (whole: bigint) => toJson(treeOf(whole), String);
  expect(asText(ID)).toEqual({ id: String(ID) });
});

test('an integer of a kind, which cannot hold it, refuses it by its name', async () => {
  expect(await validateArgs('s3.restore-archived', { days: ID })).toContain(
    'days: 9007199254740993 would lose digits here: it is beyond 2^53',
  );
});

describe('a kind of a user’s own', () => {
  const schemaWith = (id: string) =>
    readOwnSchema(
      new SourceFile(
        'own.a.schema.json',
        `{ "properties": { "output": { "type": "object", "properties": {\n "id": ${id} } } } }`,
      ),
      'own.a',
    );
  const give = (id: unknown): unknown => {
    const schema = schemaWith('{ "type": "integer" }');
    return schema.ok && admitOutput(schema.value, { id });
  };

  test('gives it as a bigint', () => {
    expect(give(ID)).toEqual({ ok: true, value: { id: ID } });
  });

  test('is refused a number that has lost its digits', () => {
    expect(give(Number(ID))).toMatchObject({
      ok: false,
      error: [expect.stringContaining('output.id: 9007199254740992 is beyond 2^53')],
    });
  });

  test('has no bound of so many digits', () => {
    expect(schemaWith(`{ "type": "integer", "maximum": ${ID} }`)).toMatchObject({
      ok: false,
      error: [{ code: 'DB146', message: '9007199254740993 would lose digits here' }],
    });
  });
});

test.each<[Value, boolean]>([
  [0, false],
  [1, true],
])('its neighbour lies within a tolerance of %s: %s', async (tolerance, equal) => {
  const output = await run('compare', {
    left: [{ key: 'a', id: ID }],
    right: [{ key: 'a', id: ID - 1n }],
    key: ['key'],
    tolerance: { id: tolerance },
  });
  expect(output).toMatchObject({ equal });
});
