import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chooseWorld } from '../../../engine/cli/run/choose-world.ts';
import { findPlaybook } from '../../../engine/cli/loading.ts';
import type { Rehearsal } from '../../../engine/model/playbook.ts';
import { temporaryFolder } from '../../rig/drillbook.ts';
import { SHOP } from '../../rig/shop.ts';

/** The folder of the shop with a second world of it, `stall`; `change`: what its file says of each. */
function twoWorlds(change: (text: string, name: string) => string): string {
  const folder = join(temporaryFolder(), 'shop');
  cpSync(SHOP, folder, { recursive: true });
  const text = readFileSync(join(SHOP, 'worlds', 'shop.yaml'), 'utf8');
  for (const name of ['shop', 'stall']) {
    const own = text.replace('name: shop', `name: ${name}`);
    writeFileSync(join(folder, 'worlds', `${name}.yaml`), change(own, name));
  }
  return folder;
}

const asDefault = (text: string): string => text.replace('parts:', 'default: true\nparts:');

async function droppedTable(folder: string): Promise<Rehearsal> {
  const { playbook } = await findPlaybook('shop-table-lost', folder);
  return playbook.rehearsals.find(({ name }) => name === 'droppedTable') ?? expect.fail('no such rehearsal');
}

const chosenIn = async (folder: string): Promise<string> =>
  (await chooseWorld(await droppedTable(folder), { playbooks: folder })).plan.name;

describe('of several worlds that can be broken so, a drill that asks for none', () => {
  it('gets the one that is the default', async () => {
    const folder = twoWorlds((text, name) => (name === 'stall' ? asDefault(text) : text));
    expect(await chosenIn(folder)).toBe('stall');
  });

  it('is refused where none is, or more than one', async () => {
    const refusal = /droppedTable can be in several worlds: .*shop/;
    await expect(chosenIn(twoWorlds((text) => text))).rejects.toThrow(refusal);
    await expect(chosenIn(twoWorlds(asDefault))).rejects.toThrow(refusal);
  });
});
