import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { makeGood } from '../../engine/cli/run/make-good.ts';
import type { EventBody } from '../../engine/model/event.ts';
import { attachWorld } from '../../engine/sandbox/world.ts';
import type { World } from '../../engine/sandbox/world.ts';
import { testStore } from '../journal/rig.ts';
import type { TestStore } from '../journal/rig.ts';
import { started } from '../measure/rig.ts';
import { drillbook } from '../rig/drillbook.ts';
import { start } from '../sandbox/rig.ts';

const finished: EventBody = { type: 'run.finished', outcome: 'succeeded' };

/** A run whose process died right after these events. */
async function died({ store }: TestStore, run: string, ...more: readonly EventBody[]): Promise<void> {
  const open = await store.create(run);
  await open.journal.append(started({ run }), ...more);
  await open.close();
}

const state = async ({ store }: TestStore, run: string): Promise<unknown> => {
  const { ok, sealed, events } = await store.verify(run);
  const register = await store.verifyRegister();
  return { ok, sealed, events, register: register.ok, open: await store.unsealed() };
};

describe('the next command', () => {
  it.each([['runs'], ['report'], ['audit', '--verify']])(
    'makes good that a run died before its end was certified: %s',
    async (...args) => {
      const rig = testStore();
      await died(rig, 'a', finished);
      expect(await state(rig, 'a')).toMatchObject({ sealed: false, open: ['a'] });
      const { stderr } = await drillbook([...args, '--store', rig.root], { cwd: rig.root });
      expect(stderr).toBe('');
      expect(await state(rig, 'a')).toEqual({ ok: true, sealed: true, events: 2, register: true, open: [] });
    },
  );

  it('makes good that a full disk kept the end from the register', async () => {
    const rig = testStore();
    const open = await rig.store.create('a');
    await open.journal.append(started({ run: 'a' }), finished);
    const before = join(rig.root, 'before');
    await cp(join(rig.root, 'ledgers'), before, { recursive: true });
    await open.seal();
    await open.close();
    await rm(join(rig.root, 'ledgers'), { recursive: true });
    await cp(before, join(rig.root, 'ledgers'), { recursive: true });
    expect(await rig.store.unsealed()).toEqual(['a']);
    await makeGood(rig.store);
    expect(await state(rig, 'a')).toEqual({ ok: true, sealed: true, events: 2, register: true, open: [] });
  });

  it('leaves alone a run that can be resumed, one that is being written, and one that was damaged', async () => {
    const rig = testStore();
    await died(rig, 'interrupted');
    await died(rig, 'damaged', finished);
    await rm(rig.head('damaged'));
    const open = await rig.store.create('written');
    await open.journal.append(started({ run: 'written' }), finished);
    await makeGood(rig.store);
    await open.close();
    expect([...(await rig.store.unsealed())].sort()).toEqual(['damaged', 'interrupted', 'written']);
    expect(await rig.store.verify('damaged')).toMatchObject({ ok: false, events: 2 });
  });
});

describe('a sandbox', () => {
  const worlds: World[] = [];
  afterEach(async () => {
    await Promise.all(worlds.splice(0).map((world) => world.stop()));
  });

  it('is ended by a command in another store when its run has ended, and kept while that can be resumed', async () => {
    const [ended, interrupted, other] = [testStore(), testStore(), testStore()];
    const environment = { role: 'environment' as const, path: 'sandbox.yaml', text: '', sha256: '' };
    const addresses: World['address'][] = [];
    for (const rig of [ended, interrupted]) {
      const open = await rig.store.create('a');
      const world = await start({ owner: rig.store.folder('a') });
      worlds.push(world);
      addresses.push(world.address);
      await open.journal.append(started({ run: 'a' }), {
        type: 'world.started',
        address: world.address,
        environment,
      });
      if (rig === ended) await open.journal.append(finished);
      await open.close();
    }
    await makeGood(other.store);
    const [gone, kept] = await Promise.all(addresses.map((address) => attachWorld(address)));
    expect(gone).toBeUndefined();
    expect(kept).toBeDefined();
  });
});
