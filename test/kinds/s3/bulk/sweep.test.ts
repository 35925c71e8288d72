import { describe, expect, test } from 'vitest';
import { Instant } from '../../../../engine/base/instant.ts';
import { StepError } from '../../../../engine/model/kind.ts';
import type { S3Version } from '../../../../engine/kinds/s3/client/list.ts';
import type { Mark } from '../../../../engine/kinds/s3/bulk/sweep.ts';
import { sweep } from '../../../../engine/kinds/s3/bulk/sweep.ts';
import type { Deleted } from '../../../../engine/kinds/s3/bulk/undelete.ts';
import { batches, deletedKeys } from '../../../../engine/kinds/s3/bulk/undelete.ts';
import { chooseVersions } from '../../../../engine/kinds/s3/client/versions.ts';
import { stepRig } from '../../../rig/step.ts';

/** Between two pages of a listing something is waited for. */
const PAGE = 1000;
const FRESH: Mark = { after: undefined, tally: {} };
const nothing = (): Promise<void> => Promise.resolve();

async function* numbers(count: number): AsyncGenerator<string, void, void> {
  for (let n = 0; n < count; n++) {
    if (n % PAGE === 0) await Promise.resolve();
    yield String(n).padStart(7, '0');
  }
}

/** `count` versions, two of each key: an older one, and a marker or a newer one. */
async function* versions(count: number): AsyncGenerator<S3Version, void, void> {
  for (let n = 0; n < count / 2; n++) {
    if (n % PAGE === 0) await Promise.resolve();
    const common = {
      key: `videos/${String(n).padStart(7, '0')}`,
      etag: '0'.repeat(32),
      storageClass: 'STANDARD',
    };
    const isMarker = n % 2 === 0;
    yield {
      ...common,
      versionId: `b${n}`,
      size: 1,
      modified: new Instant(2_000_000),
      isLatest: true,
      isMarker,
    };
    yield {
      ...common,
      versionId: `a${n}`,
      size: 1,
      modified: new Instant(1_000_000),
      isLatest: false,
      isMarker: false,
    };
  }
}

describe('many versions', () => {
  test('are gone over with few of them held at a time, and with few checkpoints', async () => {
    let drawn = 0;
    let done = 0;
    let mostHeld = 0;
    let saves = 0;
    async function* counted(): AsyncGenerator<readonly Deleted[], void, void> {
      for await (const batch of batches(deletedKeys(versions(40_000)), 50)) {
        mostHeld = Math.max(mostHeld, ++drawn - done);
        yield batch;
      }
    }
    const { tally } = await sweep({
      items: counted(),
      keyOf: (batch) => batch.at(-1)?.key ?? '',
      work: async (batch) => {
        await Promise.resolve();
        done++;
        return { restored: batch.length };
      },
      concurrency: 32,
      start: FRESH,
      save() {
        saves++;
        return Promise.resolve();
      },
      context: stepRig().context,
    });
    expect(tally).toEqual({ restored: 10_000 });
    expect(mostHeld).toBeLessThanOrEqual(2 * 32);
    expect(saves).toBeLessThan(20);
  });

  test('are chosen by moment, one key after another', async () => {
    let then = 0;
    for await (const chosen of chooseVersions(versions(40_000), new Instant(1_500_000))) {
      if (chosen.then?.versionId.startsWith('a') === true) then++;
    }
    expect(then).toBe(20_000);
  });
});

describe('the mark', () => {
  test('stands below what is still under way', async () => {
    const saved: Mark[] = [];
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let done = 0;
    const work = sweep({
      items: numbers(5000),
      keyOf: (key) => key,
      work: async (key) => {
        if (key === '0000010') await held;
        else if (++done === 4999) release();
        return { done: 1 };
      },
      concurrency: 4,
      start: FRESH,
      save: (mark) => Promise.resolve(void saved.push(mark)),
      context: stepRig().context,
    });
    expect((await work).tally).toEqual({ done: 5000 });
    expect(saved[0]).toEqual({ after: '0000009', tally: { done: 10 } });
    expect(saved.at(-1)).toEqual({ after: '0004999', tally: { done: 5000 } });
  });

  test('stands below what failed, while the rest is done', async () => {
    const saved: Mark[] = [];
    const { tally, failures } = await sweep({
      items: numbers(100),
      keyOf: (key) => key,
      work: (key) =>
        key === '0000050' || key === '0000070'
          ? Promise.reject(new StepError('no', { code: 'InvalidObjectState' }))
          : Promise.resolve({ done: 1 }),
      concurrency: 8,
      start: FRESH,
      save: (mark) => Promise.resolve(void saved.push(mark)),
      context: stepRig().context,
    });
    expect(tally).toEqual({ done: 98 });
    expect(failures.count).toBe(2);
    expect(failures.first.map(({ key }) => key).sort()).toEqual(['0000050', '0000070']);
    expect(saved.at(-1)).toEqual({ after: '0000049', tally: { done: 50 } });
  });

  test('is saved when something makes all the rest fail too', async () => {
    const saved: Mark[] = [];
    const work = sweep({
      items: numbers(1_000_000),
      keyOf: (key) => key,
      work: (key) =>
        key === '0000500'
          ? Promise.reject(new StepError('gone', { code: 'NoSuchBucket' }))
          : Promise.resolve({ done: 1 }),
      concurrency: 8,
      start: { after: 'before', tally: { done: 1 } },
      save: (mark) => Promise.resolve(void saved.push(mark)),
      context: stepRig().context,
    });
    await expect(work).rejects.toMatchObject({ code: 'NoSuchBucket' });
    expect(saved.at(-1)).toEqual({ after: '0000499', tally: { done: 501 } });
  });

  test('does not run ahead of one that takes for ever', async () => {
    let begun = 0;
    const rig = stepRig();
    const work = sweep({
      items: numbers(300_000),
      keyOf: (key) => key,
      work: (key) => {
        begun++;
        if (key !== '0000000') return Promise.resolve({ done: 1 });
        return new Promise((_resolve, reject) => {
          rig.context.signal.addEventListener('abort', () => reject(new Error('stopped')));
        });
      },
      concurrency: 4,
      start: FRESH,
      save: nothing,
      context: rig.context,
    });
    await expect.poll(() => begun).toBeGreaterThan(99_000);
    expect(begun).toBeLessThan(101_000);
    rig.abort();
    await expect(work).rejects.toThrow('stopped');
  });
});
