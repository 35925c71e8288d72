import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { temporaryFolder } from '../../../rig/drillbook.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
});

test('what killed processes left behind, keys among it, is gone before ssh is called; that of others stays', async () => {
  const parent = temporaryFolder();
  const child = spawn('true');
  const gone = child.pid ?? 0;
  await once(child, 'exit');
  const names = {
    left: `drillbook-call-${String(gone)}-abc123`,
    used: `drillbook-call-${String(process.ppid)}-abc123`,
    other: `drillbook-called-${String(gone)}-abc123`,
  };
  for (const name of Object.values(names)) {
    await mkdir(join(parent, name));
    await writeFile(join(parent, name, 'key'), 'a private key');
  }
  vi.stubEnv('TMPDIR', parent);
  vi.resetModules();
  const { callFolder } = await import('../../../../engine/kinds/shell/client/call-folder.ts');
  const made = await callFolder();
  expect((await readdir(parent)).sort()).toEqual([basename(made), names.used, names.other].sort());
});
