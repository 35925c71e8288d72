import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CopyObjectCommand, DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { parse, stringify } from 'yaml';
import type { JsonObject } from '../../../engine/base/json.ts';
import type { World } from '../../../engine/sandbox/world.ts';
import { drillbook, temporaryFolder } from '../../rig/drillbook.ts';
import type { HttpServerRig } from '../../rig/http-server.ts';
import { serveHttp } from '../../rig/http-server.ts';
import { serveSlack } from '../../rig/slack.ts';
import { environmentOf, listKeys, start } from '../../sandbox/rig.ts';
import type { SandboxEnvironment } from '../../sandbox/rig.ts';

const SHIPPED = new URL('../../../playbooks/monitors.yaml', import.meta.url);
const ALERTS = (
  parse(readFileSync(SHIPPED, 'utf8')) as {
    readonly alerts: Readonly<
      Record<string, { readonly title: string; readonly channels: readonly string[] }>
    >;
  }
).alerts;

const HOUR_MS = 3_600_000;

/** What Render never is in the sandbox. */
interface Changes {
  windowIsReady: boolean;
  exportsHaveLinks: boolean;
  acceptsTheKey: boolean;
}

let world: World;
let environment: SandboxEnvironment;
let render: HttpServerRig;
let s3: S3Client;
let secretKey: string;
/** As the monitor is given it, so that it can be given a wrong one. */
let keyFile: string;
const changes: Changes = { windowIsReady: true, exportsHaveLinks: true, acceptsTheKey: true };

beforeAll(async () => {
  world = await start();
  environment = await environmentOf(world);
  const { endpoint, credentials } = environment.aws;
  secretKey = await readFile(credentials.secretAccessKey.file, 'utf8');
  const accessKeyId = await readFile(credentials.accessKeyId.file, 'utf8');
  s3 = new S3Client({
    endpoint,
    region: environment.buckets['dumps']?.region ?? '',
    credentials: { accessKeyId, secretAccessKey: secretKey },
    forcePathStyle: true,
  });
  render = await serveHttp((request, response) => {
    void changed(request.url ?? '', request.headers.authorization ?? '').then(({ status, body }) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(body),
    );
  });
});

afterAll(async () => {
  s3.destroy();
  await Promise.all([render.close(), world.stop()]);
});

/** Render as the sandbox has it, but for what is changed. The monitor only reads. */
async function changed(
  path: string,
  authorization: string,
): Promise<{ readonly status: number; readonly body: string }> {
  if (!changes.acceptsTheKey) return { status: 401, body: '{"message":"Unauthorized"}' };
  const url = new URL(path, environment.render.api);
  const answer = await fetch(url, { headers: { authorization } });
  const body = await answer.text();
  if (url.pathname.endsWith('/recovery') && !changes.windowIsReady)
    return { status: 200, body: '{"recoveryStatus":"BACKUP_NOT_READY"}' };
  if (url.pathname.endsWith('/export') && !changes.exportsHaveLinks) {
    const exports = JSON.parse(body) as readonly JsonObject[];
    return { status: 200, body: JSON.stringify(exports.map(({ id, createdAt }) => ({ id, createdAt }))) };
  }
  return { status: answer.status, body };
}

const dumps = (): { readonly Bucket: string } => ({ Bucket: environment.buckets['dumps']?.name ?? '' });
const prefix = (): string => environment.values.dumps.prefix;
const newDump = (): string => `${prefix()}${new Date().toISOString().replaceAll(':', '-')}.dump`;

const remove = async (Key: string): Promise<void> => {
  await s3.send(new DeleteObjectCommand({ ...dumps(), Key }));
};

/** A dump that was made just now. */
async function put(Body: string): Promise<string> {
  const Key = newDump();
  await s3.send(new PutObjectCommand({ ...dumps(), Key, Body }));
  return Key;
}

/** Takes away what is younger; the next one is of a usual size. */
async function loseYoungerThan(hours: number): Promise<() => Promise<void>> {
  const found = await listKeys(s3, dumps().Bucket, prefix());
  const young = found.filter(({ modified }) => Date.now() - modified.getTime() < hours * HOUR_MS);
  const kept = found.find(({ key }) => !young.some((each) => each.key === key) && key.endsWith('.dump'));
  for (const { key } of young) await remove(key);
  return async () => {
    const CopySource = `${dumps().Bucket}/${kept?.key ?? ''}`;
    await s3.send(new CopyObjectCommand({ ...dumps(), Key: newDump(), CopySource }));
  };
}

/** Breaks something, and says how it is put right again. */
type Wrong = () => Promise<() => Promise<void>>;

function change(name: keyof Changes): Promise<() => Promise<void>> {
  changes[name] = false;
  return Promise.resolve(() => {
    changes[name] = true;
    return Promise.resolve();
  });
}

async function replaceKey(): Promise<() => Promise<void>> {
  await writeFile(keyFile, 'another secret key');
  return () => writeFile(keyFile, secretKey);
}

async function putFor(body: string): Promise<() => Promise<void>> {
  const key = await put(body);
  return () => remove(key);
}

const WRONG: Readonly<Record<string, Wrong>> = {
  'recovery-unavailable': () => change('windowIsReady'),
  'export-failed': () => change('exportsHaveLinks'),
  'dump-failed': () => putFor(''),
  'dump-size-anomaly': () => putFor('a dump that broke off'),
  'dump-missed': () => loseYoungerThan(26),
  'no-dump-for-48-hours': () => loseYoungerThan(48),
  'render-not-visible': () => change('acceptsTheKey'),
  'dumps-not-visible': replaceKey,
};

interface Looked {
  readonly alerts: readonly { readonly alert: string; readonly firing: boolean; readonly changed: boolean }[];
}

describe('drillbook monitor with the monitors that ship', () => {
  test.each(Object.entries(ALERTS))(
    '%s fires, is told once, and is resolved',
    async (alert, { title, channels }) => {
      const told = { ops: await serveSlack(), warnings: await serveSlack() };
      const cwd = temporaryFolder();
      keyFile = join(cwd, 'secret-access-key');
      await writeFile(keyFile, secretKey);
      await mkdir(join(cwd, 'playbooks', 'environments'), { recursive: true });
      const monitors = readFileSync(SHIPPED, 'utf8').replace('environment: production', 'environment: here');
      await writeFile(join(cwd, 'playbooks', 'monitors.yaml'), monitors);
      const { credentials } = environment.aws;
      await writeFile(
        join(cwd, 'playbooks', 'environments', 'here.yaml'),
        stringify({
          ...environment,
          name: 'here',
          kind: 'staging',
          render: { ...environment.render, api: `${render.url}${new URL(environment.render.api).pathname}` },
          aws: { ...environment.aws, credentials: { ...credentials, secretAccessKey: { file: keyFile } } },
          channels: {
            ops: { slack: { url: { env: 'OPS' } } },
            warnings: { slack: { url: { env: 'WARNINGS' } } },
          },
        }),
      );
      onTestFinished(async () => {
        await Promise.all(Object.values(told).map((each) => each.close()));
      });
      const look = async () => {
        const env = { OPS: told.ops.url, WARNINGS: told.warnings.url };
        const { stdout, stderr } = await drillbook(['monitor', '--env', 'here', '--json'], { cwd, env });
        expect(stdout, stderr).not.toBe('');
        const looked = JSON.parse(stdout) as Looked;
        return looked.alerts.find((each) => each.alert === alert);
      };

      expect(await look()).toMatchObject({ firing: false, changed: false });
      const putRight = await WRONG[alert]?.();
      expect(await look()).toMatchObject({ firing: true, changed: true });
      expect(await look()).toMatchObject({ firing: true, changed: false });
      await putRight?.();
      expect(await look()).toMatchObject({ firing: false, changed: true });

      for (const [channel, { texts }] of Object.entries(told)) {
        const about = texts.filter((text) => text.includes(title));
        expect(about).toEqual(
          channels.includes(channel)
            ? [
                expect.stringContaining(`${title} (here)`),
                expect.stringContaining(`Resolved: ${title} (here)`),
              ]
            : [],
        );
      }
    },
  );

  test('each of them has its way to go wrong here', () => {
    expect(Object.keys(WRONG)).toEqual(Object.keys(ALERTS));
  });
});
