import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { drillbook, temporaryFolder } from '../rig/drillbook.ts';
import { SHOP } from '../rig/shop.ts';

describe('what a drill says of a world before it starts one', () => {
  const said = async (...args: readonly string[]): Promise<string> => {
    const cwd = temporaryFolder();
    const { exitCode, stderr } = await drillbook(['drill', 'shop-table-lost', '--playbooks', SHOP, ...args], {
      cwd,
    });
    expect(exitCode).toBe(2);
    expect(existsSync(join(cwd, '.drillbook'))).toBe(false);
    return stderr;
  };

  it('is that there is none of that name', async () => {
    expect(await said('--world', 'shpo')).toMatch(/there is no world "shpo"[\s\S]*Did you mean "shop"\?/);
  });

  it('is that none has the part that breaks, where the folder has no world', async () => {
    const folder = temporaryFolder();
    cpSync(join(SHOP, 'shop-table-lost.yaml'), join(folder, 'shop-table-lost.yaml'));
    expect(await said('--playbooks', folder)).toMatch(
      /breaks the part db[\s\S]*Name the world that has it: --world NAME/,
    );
  });

  it('is that it has to be said which, where several can be broken so', async () => {
    const folder = join(temporaryFolder(), 'shop');
    cpSync(SHOP, folder, { recursive: true });
    const world = readFileSync(join(folder, 'worlds', 'shop.yaml'), 'utf8');
    writeFileSync(join(folder, 'worlds', 'stall.yaml'), world.replace('name: shop', 'name: stall'));
    expect(await said('--playbooks', folder)).toMatch(
      /droppedTable can be in several worlds: .*stall[\s\S]*Nothing was started\. Say which: --world /,
    );
  });

  it('is what is wrong in its file, with its place', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'worlds', 'bad.yaml');
    cpSync(join(SHOP, 'worlds'), join(folder, 'worlds'), { recursive: true });
    writeFileSync(path, 'version: 1\nname: bad\nparts: { db: { uses: postgrs } }\nenvironment: {}\n');
    expect(await said('--world', path)).toMatch(
      /bad\.yaml:3:22 - error DB206[\s\S]*Did you mean "postgres"\?/,
    );
  });

  it('is that the rehearsal breaks a part that it has not', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'worlds', 'other.yaml');
    cpSync(join(SHOP, 'worlds'), join(folder, 'worlds'), { recursive: true });
    writeFileSync(
      path,
      'version: 1\nname: other\nparts: { main: { uses: postgres } }\nenvironment: { databases: { main: "${{ parts.main }}" } }\n',
    );
    expect(await said('--world', path)).toMatch(
      /the rehearsal droppedTable breaks the part db by postgres\.drop-table, which the world "other" has not[\s\S]*That can be done to main\./,
    );
  });
});

describe('drillbook check', () => {
  it('reads the worlds of a folder', async () => {
    const { exitCode, stdout } = await drillbook(['check', '--playbooks', SHOP], { cwd: temporaryFolder() });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/2 files/);
  });
});
