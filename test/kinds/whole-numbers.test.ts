// @module-tag needs/bash
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ValueMap } from '../../engine/base/value.ts';
import type { HttpServerRig } from '../rig/http-server.ts';
import { serveHttp } from '../rig/http-server.ts';
import { kindOf, stepRig } from '../rig/step.ts';

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
