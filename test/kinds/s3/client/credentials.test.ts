import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ValueMap } from '../../../../engine/base/value.ts';
import { identify } from '../../../../engine/kinds/environment/identity.ts';
import { targetUse } from '../../../../engine/kinds/context/target.ts';
import { S3Service } from '../../../../engine/sandbox/s3/service.ts';
import { ACCOUNT, manyObjects, s3Rig } from '../../../rig/s3.ts';
import { failureOf, kindOf } from '../../../rig/step.ts';

const ROLE = 'arn:aws:iam::123456789012:role/recovery';
const GUARDED = 'arn:aws:iam::123456789012:role/guarded';
const TOKEN = 'the token of a CI job';

let folder: string;
let service: S3Service;
let rig: ReturnType<typeof s3Rig>;
let bucket: ValueMap;
const KEYS = { accessKeyId: ACCOUNT.accessKeyId, secretAccessKey: ACCOUNT.secretAccessKey };

async function start(sessionMs?: number): Promise<void> {
  service = await S3Service.start({
    folder: await mkdtemp(join(folder, 's3-')),
    accounts: [ACCOUNT],
    roles: { [ROLE]: {}, [GUARDED]: { externalId: 'peakops', mfaCode: '123456' } },
    webIdentityToken: TOKEN,
    ...(sessionMs !== undefined && { sessionMs }),
  });
  rig = s3Rig({ url: service.url, ...KEYS }, ACCOUNT.id);
  bucket = await rig.bucket();
  await rig.put(bucket, manyObjects(40));
}

/** The environment's section `aws` with other credentials. */
const asked = (aws: ValueMap): ValueMap => ({
  aws: { region: 'us-east-1', endpoint: service.url, account: ACCOUNT.id, ...aws },
});
const list = (aws: ValueMap) => rig.run('s3.list', { bucket }, rig.step({ environment: asked(aws) }));
const keys = () => ({ credentials: (rig.environment['aws'] as ValueMap)['credentials']! });
const printing = (given: object) => ['node', '-e', `console.log(${JSON.stringify(JSON.stringify(given))})`];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drillbook-credentials-'));
  await start();
});
afterAll(async () => {
  await service.close();
  await rm(folder, { recursive: true });
});

describe('credentials come from where the environment says', () => {
  beforeEach(async () => {
    const config = join(folder, 'config');
    const command = join(folder, 'keys.js');
    const given = { Version: 1, AccessKeyId: KEYS.accessKeyId, SecretAccessKey: KEYS.secretAccessKey };
    await writeFile(command, `console.log(${JSON.stringify(JSON.stringify(given))})`);
    await writeFile(
      config,
      `[profile plain]
aws_access_key_id = ${KEYS.accessKeyId}
aws_secret_access_key = ${KEYS.secretAccessKey}
[profile process]
credential_process = node ${command}
`,
    );
    vi.stubEnv('AWS_CONFIG_FILE', config);
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'no such file'));
    return () => {
      vi.unstubAllEnvs();
    };
  });

  test('a profile with keys, and one with a process', async () => {
    expect(await list({ profile: 'plain' })).toMatchObject({ count: 40 });
    expect(await list({ profile: 'process' })).toMatchObject({ count: 40 });
  });

  test('what a command or STS gives is told to the redactor, and the id of the key is not', async () => {
    const { accessKeyId, secretAccessKey } = KEYS;
    const given = { Version: 1, AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey };
    const step = rig.step({ environment: asked({ command: printing(given), roleArn: ROLE }) });
    await rig.run('s3.list', { bucket }, step);
    const session = service.state.accounts.find(({ sessionToken }) => sessionToken !== undefined);
    expect(new Set(step.revealed)).toEqual(
      new Set([secretAccessKey, session?.secretAccessKey, session?.sessionToken]),
    );
  });

  test('a command', async () => {
    const { accessKeyId, secretAccessKey } = KEYS;
    const given = { Version: 1, AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey };
    expect(await list({ command: printing(given) })).toMatchObject({ count: 40 });
  });

  test('a role, with what it demands', async () => {
    expect(await list({ ...keys(), roleArn: ROLE })).toMatchObject({ count: 40 });
    vi.stubEnv('DRILLBOOK_TEST_MFA', '123456');
    const mfa = {
      serial: 'arn:aws:iam::123456789012:mfa/me',
      code: { $ref: 'env', name: 'DRILLBOOK_TEST_MFA' },
    };
    const guarded = { ...keys(), roleArn: GUARDED, externalId: 'peakops', mfa };
    expect(await list(guarded)).toMatchObject({ count: 40 });
  });

  test('a web identity', async () => {
    const tokenFile = join(folder, 'token');
    await writeFile(tokenFile, TOKEN);
    expect(await list({ webIdentity: { roleArn: ROLE, tokenFile } })).toMatchObject({ count: 40 });
  });

  test('the chain, only where it is said', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', KEYS.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', KEYS.secretAccessKey);
    expect(await list({ chain: true })).toMatchObject({ count: 40 });
    expect(await failureOf(list({}))).toMatchObject({ code: 'notConfigured' });
  });

  test('a session token that is not there is left out', async () => {
    const { credentials } = keys();
    const sessionToken = { $ref: 'env', name: 'DRILLBOOK_TEST_NO_SUCH_TOKEN' };
    expect(await list({ credentials: { ...(credentials as ValueMap), sessionToken } })).toMatchObject({
      count: 40,
    });
  });

  test('what the shell says of AWS changes nothing', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:9');
    vi.stubEnv('AWS_ENDPOINT_URL_S3', 'http://127.0.0.1:9');
    vi.stubEnv('AWS_PROFILE', 'no such profile');
    vi.stubEnv('AWS_REGION', 'eu-west-9');
    vi.stubEnv('AWS_USE_FIPS_ENDPOINT', 'true');
    expect(await list(keys())).toMatchObject({ count: 40 });
  });
});

describe('what is wrong is said by name', () => {
  const wrong: Readonly<Record<string, readonly [() => ValueMap, string, RegExp]>> = {
    'a profile that is not there': [
      () => ({ profile: 'nobody' }),
      'noCredentials',
      /the profile nobody gave no credentials/,
    ],
    'a command that fails': [
      () => ({ command: ['false'] }),
      'noCredentials',
      /the command false gave no credentials/,
    ],
    'a command that prints something else': [
      () => ({ command: printing({ Version: 2 }) }),
      'noCredentials',
      /"Version": 1/,
    ],
    'a command that prints what has expired': [
      () => ({
        command: printing({
          Version: 1,
          AccessKeyId: 'a',
          SecretAccessKey: 'b',
          Expiration: '2020-01-01T00:00:00Z',
        }),
      }),
      'noCredentials',
      /expired/,
    ],
    'a role that may not be assumed': [
      () => ({ ...keys(), roleArn: GUARDED }),
      'noCredentials',
      /role\/guarded/,
    ],
    'two at once': [() => ({ ...keys(), profile: 'ops' }), 'notConfigured', /twice.*keys and profile/],
  };
  test.each(Object.entries(wrong))('%s', async (_name, [aws, code, message]) => {
    const error = await failureOf(list(aws()));
    expect(error).toMatchObject({ code, changed: 'nothing', retryable: false });
    expect(error.message).toMatch(message);
    expect(error.hint).toBeTruthy();
  });

  test('nothing that a command printed', async () => {
    const error = await failureOf(list({ command: ['echo', 'hunter2'] }));
    expect(`${error.message} ${error.hint ?? ''}`).not.toContain('hunter2');
  });
});

test('a profile of SSO asks the portal with the token that the log-in has kept', async () => {
  const session = { accessKeyId: 'ASIASSO', secretAccessKey: 'secret', sessionToken: 'token' };
  service.state.accounts.push({ id: ACCOUNT.id, ...session });
  const portal = createServer((request, response) => {
    const isKnown = request.headers['x-amz-sso_bearer_token'] === 'the token of a log-in';
    const roleCredentials = { ...session, expiration: Date.now() + 3_600_000 };
    response.writeHead(isKnown ? 200 : 401, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isKnown ? { roleCredentials } : {}));
  });
  await new Promise<void>((resolve) => portal.listen(0, '127.0.0.1', resolve));
  const home = join(folder, 'home');
  const cache = join(home, '.aws', 'sso', 'cache');
  await mkdir(cache, { recursive: true });
  await writeFile(
    join(home, '.aws', 'config'),
    `[sso-session work]
sso_region = us-east-1
sso_start_url = https://example.awsapps.com/start
[profile sso]
sso_session = work
sso_account_id = ${ACCOUNT.id}
sso_role_name = recovery
`,
  );
  const name = createHash('sha1').update('work').digest('hex');
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  await writeFile(
    join(cache, `${name}.json`),
    JSON.stringify({ accessToken: 'the token of a log-in', expiresAt }),
  );
  vi.stubEnv('HOME', home);
  vi.stubEnv('AWS_ENDPOINT_URL_SSO', `http://127.0.0.1:${String((portal.address() as AddressInfo).port)}`);
  try {
    expect(await list({ profile: 'sso' })).toMatchObject({ count: 40 });
    await rm(cache, { recursive: true });
    const error = await failureOf(list({ profile: 'sso' }));
    expect(error).toMatchObject({
      code: 'noCredentials',
      hint: expect.stringContaining('aws sso login') as string,
    });
  } finally {
    vi.unstubAllEnvs();
    portal.close();
  }
});

describe('credentials that end in the middle of a copy', () => {
  afterEach(() => service.close());

  test('are renewed, and nothing is lost', async () => {
    await service.close();
    await start(200);
    const to = await rig.bucket();
    const step = rig.step({ environment: asked({ ...keys(), roleArn: ROLE }) });
    const output = await (
      await kindOf('s3.copy-bucket')
    ).run({ from: bucket, to, concurrency: 1 }, step.context);
    expect(output).toMatchObject({ copied: 40, byEtag: 40 });
    const sessions = service.state.accounts.filter(({ expires }) => expires !== undefined);
    expect(sessions.length).toBeGreaterThan(1);
  });
});

test('a target tells as whom it was asked, in which account and until when', async () => {
  await start();
  const step = rig.step({ environment: asked({ ...keys(), roleArn: ROLE }) });
  const { environment, secrets, signal } = step.context;
  const found = await identify(targetUse('buckets', bucket, 'read'), environment, secrets, signal);
  expect(found.verdict).toBe('match');
  expect(found.facts).toMatchObject({
    'asked as': 'arn:aws:sts::123456789012:assumed-role/recovery/drillbook',
    account: ACCOUNT.id,
  });
  expect(found.facts['until']).toMatch(/^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC$/);
});
