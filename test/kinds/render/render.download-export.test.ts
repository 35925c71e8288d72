// @module-tag needs/pg_dump
// @module-tag needs/pg_restore
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { access, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import type { Header } from 'tar-stream';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import { verifyDump } from '../../../engine/kinds/machine/checksum.ts';
import { validateArgs } from '../../../engine/load/stepschema.ts';
import { query } from '../../rig/postgres.ts';
import { renderWithDatabase } from '../../rig/render.ts';
import { failureOf, kindOf, stepRig } from '../../rig/step.ts';

const kind = await kindOf('render.download-export');
let folder: string;
const closers: (() => Promise<void>)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drillbook-test-'));
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  await rm(folder, { recursive: true, force: true });
});

describe('an export of the sandbox, made by pg_dump', async () => {
  const { rig, stepWith } = await renderWithDatabase();
  let made: ValueMap;

  beforeAll(async () => {
    await query(rig.database.url, 'create table inspections as select generate_series(1, 1000) as id');
    const exporting = await kindOf('render.export-postgres');
    made = (await exporting.run({ database: rig.target }, stepWith().context))['export'] as ValueMap;
  });

  test('is unpacked, ready for pg_restore, with checksums beside it', async () => {
    const to = join(folder, 'export');
    const output = await kind.run({ export: made, to }, stepWith().context);
    const path = join(to, 'peakops');
    expect(output).toMatchObject({ path, folder: to, databases: [{ name: 'peakops', path }] });
    expect((await readdir(folder)).sort()).toEqual(['export']);
    expect((await readdir(to)).sort()).toEqual(['peakops', 'peakops.sha256']);
    expect(await verifyDump(path, new AbortController().signal)).toBeDefined();
    const { stdout } = await promisify(execFile)('pg_restore', ['--list', path]);
    expect(stdout).toContain('TABLE DATA public inspections');
    const [first] = await query<{ count: string }>(rig.database.url, 'select count(*) from inspections');
    expect(first?.count).toBe('1000');
  });

  test('what a handle stands for is accepted by the schema', async () => {
    expect(await validateArgs('render.download-export', { export: made, to: 'export' })).toEqual([]);
  });

  test('after a crash a folder that was finished is kept, another is not written over', async () => {
    const to = join(folder, 'export');
    const first = stepWith();
    const output = await kind.run({ export: made, to }, first.context);
    const again = stepWith(first.checkpoints[0]);
    expect(await kind.run({ export: made, to }, again.context)).toEqual(output);
    const error = await failureOf(kind.run({ export: made, to }, stepWith().context));
    expect(error).toMatchObject({ code: 'exists', changed: 'nothing' });
  });

  test('an export that is not in the list any more', async () => {
    const gone = { ...made, link: { ...(made['link'] as ValueMap), createdAt: '2024-01-01T00:00:00.000Z' } };
    const error = await failureOf(kind.run({ export: gone, to: join(folder, 'export') }, stepWith().context));
    expect(error).toMatchObject({ code: 'noSuchExport' });
    expect(error.hint).toContain('seven days');
  });
});

describe('an archive from elsewhere', () => {
  /** Serves an archive of these entries; with `cut`, only so many of its bytes. */
  async function link(
    entries: readonly (Partial<Header> & { name: string; content?: string })[],
    options: { cut?: number; status?: number; redirect?: boolean; silent?: boolean } = {},
  ): Promise<ValueMap> {
    const archive = pack();
    for (const { content, ...header } of entries) archive.entry(header, content ?? '');
    archive.finalize();
    const chunks: Buffer[] = [];
    for await (const chunk of archive) chunks.push(chunk as Buffer);
    const bytes = gzipSync(Buffer.concat(chunks));
    const server = createServer((request, response) => {
      if (options.redirect === true && request.url === '/export') {
        response.writeHead(302, { location: '/there' }).end();
        return;
      }
      response.writeHead(options.status ?? 200, { 'content-length': bytes.length });
      if (options.silent === true) response.write(bytes.subarray(0, 10));
      else if (options.cut === undefined) response.end(bytes);
      else response.write(bytes.subarray(0, options.cut), () => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(
      () =>
        new Promise((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    );
    const { port } = server.address() as AddressInfo;
    process.env['DRILLBOOK_TEST_LINK'] = `http://127.0.0.1:${port}/export`;
    return { id: 'x', link: { $ref: 'env', name: 'DRILLBOOK_TEST_LINK' } };
  }
  const good = (database: string) => [
    { name: `2025-02-03T19:21Z/${database}/toc.dat`, content: 'PGDMP' },
    { name: `2025-02-03T19:21Z/${database}/3348.dat.gz`, content: 'rows' },
  ];
  const run = (made: ValueMap, rig = stepRig()) =>
    kind.run({ export: made, to: join(folder, 'export') }, rig.context);

  test('with several databases', async () => {
    const output = await run(await link([...good('app'), ...good('a:b')], { redirect: true }));
    expect(output).toMatchObject({ path: null, databases: [{ name: 'a_b' }, { name: 'app' }] });
  });

  test.each<[string, readonly (Partial<Header> & { name: string; content?: string })[]]>([
    ['a path that leads out', [{ name: '2025/../../escaped', content: 'x' }]],
    ['an absolute path', [{ name: '/etc/escaped', content: 'x' }]],
    ['a symbolic link', [{ name: '2025/app/link', type: 'symlink', linkname: '/etc/passwd' }]],
    ['a hard link', [{ name: '2025/app/link', type: 'link', linkname: '/etc/passwd' }]],
    ['a device', [{ name: '2025/app/null', type: 'character-device' }]],
  ])('%s is refused, and nothing of it stays', async (_what, entries) => {
    const error = await failureOf(run(await link([...good('app'), ...entries])));
    expect(error).toMatchObject({ code: 'unsafeArchive', changed: 'nothing' });
    expect(await readdir(folder)).toEqual([]);
    await expect(access(join(folder, '..', 'escaped'))).rejects.toThrow();
  });

  test('two entries of one name', async () => {
    const error = await failureOf(run(await link([...good('app'), ...good('app')])));
    expect(error).toMatchObject({ code: 'exists' });
    expect(await readdir(folder)).toEqual([]);
  });

  test('without a dump in it', async () => {
    const error = await failureOf(run(await link([{ name: '2025/app/readme', content: 'hello' }])));
    expect(error).toMatchObject({ code: 'damagedArchive' });
  });

  test('that breaks off', async () => {
    const error = await failureOf(run(await link(good('app'), { cut: 60 })));
    expect(error).toMatchObject({ code: 'unreachable', retryable: true });
    expect(await readdir(folder)).toEqual([]);
  });

  test('that is refused, as a link that has expired is', async () => {
    const error = await failureOf(run(await link(good('app'), { status: 403 })));
    expect(error).toMatchObject({ code: '403', changed: 'nothing' });
    expect(error.hint).toContain('expired');
  });

  test('a download that is stopped leaves nothing behind', async () => {
    const rig = stepRig();
    const context = { ...rig.context, progress: () => rig.abort() };
    const made = await link(good('app'), { silent: true });
    const work = kind.run({ export: made, to: join(folder, 'export') }, context);
    await expect(work).rejects.toThrow('stopped');
    expect(await readdir(folder)).toEqual([]);
  });
});

test('a place that cannot be written to', async () => {
  await writeFile(join(folder, 'file'), '');
  const made = { id: 'x', link: { $ref: 'env', name: 'DRILLBOOK_TEST_LINK' } };
  const work = kind.run({ export: made, to: join(folder, 'file', 'export') }, stepRig().context);
  expect(await failureOf(work)).toMatchObject({ code: 'cannotWrite', changed: 'nothing' });
});

test('says what it would do', () => {
  expect(kind.effect({})).toBe('read');
  expect(kind.describe({ export: { id: 'dpg-1/2025-02-03T19:21Z' }, to: 'export' })).toBe(
    'Download the export dpg-1/2025-02-03T19:21Z to export',
  );
});
