import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Handle } from '../../../engine/model/handle.ts';
import { createSecretResolver } from '../../../engine/kinds/environment/secrets.ts';
import { environmentWith, failureOf } from '../../rig/step.ts';

let folder: string;
const revealed: string[] = [];
const secrets = createSecretResolver(
  () => environmentWith({}),
  (text) => revealed.push(text),
);
const NAME = 'DRILLBOOK_TEST_SECRET';
const reveal = async (handle: Handle): Promise<string> => (await secrets.reveal(handle)).reveal();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drillbook-secrets-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('the password of a proxy is known to the redactor before anything is asked', () => {
  vi.stubEnv('https_proxy', 'http://ann:p%40ssword@proxy:3128');
  onTestFinished(() => void vi.unstubAllEnvs());
  const known: string[] = [];
  createSecretResolver(
    () => environmentWith({}),
    (text) => known.push(text),
  );
  expect(known).toEqual(expect.arrayContaining(['p%40ssword', 'p@ssword']));
});

describe('an environment variable', () => {
  test('is read anew at each use', async () => {
    process.env[NAME] = 'first';
    expect(await reveal({ $ref: 'env', name: NAME })).toBe('first');
    process.env[NAME] = 'second';
    expect(await reveal({ $ref: 'env', name: NAME })).toBe('second');
  });

  test('is told to the redactor, unless it may be shown', async () => {
    process.env[NAME] = 'id-of-a-key';
    await secrets.reveal({ $ref: 'env', name: NAME }, undefined, { mayBeShown: true });
    expect(revealed).not.toContain('id-of-a-key');
    await reveal({ $ref: 'env', name: NAME });
    expect(revealed).toContain('id-of-a-key');
  });

  test('may hold JSON of which a part is meant', async () => {
    process.env[NAME] = JSON.stringify({ db: [{ password: 'inner' }], port: 5432 });
    expect(await reveal({ $ref: 'env', name: NAME, at: 'db/0/password' })).toBe('inner');
    expect(await reveal({ $ref: 'env', name: NAME, at: 'port' })).toBe('5432');
    expect(await failureOf(reveal({ $ref: 'env', name: NAME, at: 'db/1' }))).toMatchObject({
      code: 'secretMalformed',
    });
  });

  test('that is missing or empty is named', async () => {
    process.env[NAME] = '';
    for (const name of [NAME, 'DRILLBOOK_TEST_NEVER_SET']) {
      const error = await failureOf(reveal({ $ref: 'env', name }));
      expect(error).toMatchObject({
        code: 'secretMissing',
        message: `the environment variable ${name} is not set`,
      });
    }
  });

  test('that is no JSON is named without its content', async () => {
    process.env[NAME] = 'not-json-but-secret';
    const error = await failureOf(reveal({ $ref: 'env', name: NAME, at: 'x' }));
    expect(inspect(error)).not.toContain('not-json-but-secret');
  });
});

describe('a file', () => {
  test('is read without the white space around it', async () => {
    const path = join(folder, 'key');
    await writeFile(path, '  rnd_key\n');
    expect(await reveal({ $ref: 'file', path })).toBe('rnd_key');
  });

  test('that is missing or empty is named', async () => {
    const path = join(folder, 'nothing');
    expect((await failureOf(reveal({ $ref: 'file', path }))).message).toBe(
      `the file ${path} cannot be read (ENOENT)`,
    );
    await writeFile(path, ' \n');
    expect(await failureOf(reveal({ $ref: 'file', path }))).toMatchObject({ code: 'secretMissing' });
  });
});

test('a kind of secret that nobody knows', async () => {
  for (const $ref of ['vault', '__proto__', 'constructor']) {
    expect(await failureOf(reveal({ $ref }))).toMatchObject({ code: 'secretUnknown' });
  }
});

test('the redactor knows it first, with the password inside an address, as written and as meant', async () => {
  revealed.length = 0;
  process.env[NAME] = 'postgres://user:p%40ss@host/db';
  const secret = await secrets.reveal({ $ref: 'env', name: NAME });
  expect(revealed).toEqual(['postgres://user:p%40ss@host/db', 'p%40ss', 'p@ss']);
  expect(`${secret.toString()} ${JSON.stringify({ secret })} ${inspect(secret)}`).not.toContain('p%40ss');
});
