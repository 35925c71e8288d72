import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { compareWithHead, readChain } from '../../engine/journal/chain.ts';
import type { TestStore } from './rig.ts';
import { note, testStore, written } from './rig.ts';

const BODIES = ['first', 'second \u{fffd}', 'third', 'fourth'].map(note);

let rig: TestStore;
let original: Buffer;
let lines: string[];

beforeEach(async () => {
  rig = testStore();
  await written(rig, 'a', BODIES);
  original = readFileSync(rig.journal('a'));
  lines = original
    .toString()
    .split('\n')
    .slice(0, -1)
    .map((line) => `${line}\n`);
});

const tamper = (content: string | Buffer): void => {
  writeFileSync(rig.journal('a'), content);
};

/** Line and text of what `verify` finds; the store must not read or open such a journal. */
async function found(): Promise<string> {
  const { ok, problem } = await rig.store.verify('a');
  expect(ok).toBe(false);
  await expect(rig.store.read('a')).rejects.toMatchObject({ code: 'altered' });
  await expect(rig.store.open('a')).rejects.toMatchObject({ code: 'altered' });
  return `line ${problem?.line}: ${problem?.message}`;
}

describe('verify finds', () => {
  it('any byte that was changed, without the head file too', () => {
    fc.assert(
      fc.property(fc.nat(original.length - 1), fc.integer({ min: 1, max: 255 }), (place, change) => {
        const bytes = Buffer.from(original);
        bytes[place] = (bytes[place] ?? 0) ^ change;
        const chain = readChain(bytes);
        // The end of the last line is the one byte whose loss looks like a crash.
        expect(chain.problem !== undefined || chain.torn > 0).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  it('any bytes that were put in', () => {
    fc.assert(
      fc.property(fc.nat(original.length), fc.uint8Array({ minLength: 1, maxLength: 5 }), (place, added) => {
        const chain = readChain(
          Buffer.concat([original.subarray(0, place), added, original.subarray(place)]),
        );
        expect(chain.problem !== undefined || chain.torn > 0).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('any bytes that were taken out of the middle', () => {
    fc.assert(
      fc.property(fc.nat(original.length - 2), fc.integer({ min: 1, max: 400 }), (place, length) => {
        const end = Math.min(place + length, original.length - 1);
        const chain = readChain(Buffer.concat([original.subarray(0, place), original.subarray(end)]));
        const head = { ...readChain(original).head, sealed: false };
        expect(compareWithHead(chain, head)).toBeDefined();
      }),
      { numRuns: 2000 },
    );
  });

  it('a changed payload', async () => {
    tamper(original.toString().replace('second', 'SECOND'));
    expect(await found()).toBe('line 2: its payload was changed');
  });

  it('a changed time', async () => {
    tamper(String(lines[0]) + String(lines[1]).replace('"up":0', '"up":9') + lines.slice(2).join(''));
    expect(await found()).toBe('line 2: its time, type or place was changed');
  });

  it('a line that is none', async () => {
    tamper(`${lines[0] ?? ''}hello\n${lines.slice(1).join('')}`);
    expect(await found()).toBe('line 2: it is not a journal line');
  });

  it('two lines that were swapped', async () => {
    tamper([lines[0], lines[2], lines[1], lines[3]].join(''));
    expect(await found()).toBe(
      'line 2: it is event 3 where 2 was due: lines were removed, inserted or moved',
    );
  });

  it('a line that was removed, and one that was repeated', async () => {
    tamper([lines[0], lines[2], lines[3]].join(''));
    expect(await found()).toMatch(/^line 2: it is event 3 where 2 was due/);
    tamper([lines[0], lines[0], ...lines.slice(1)].join(''));
    expect(await found()).toMatch(/^line 2: it is event 1 where 2 was due/);
  });

  it('a line of another journal, however well made', async () => {
    const other = testStore();
    await written(
      other,
      'a',
      ['first', 'forged', 'third', 'fourth'].map((text) => note(`${text}!`)),
    );
    const forged = readFileSync(other.journal('a'), 'utf8').split('\n')[1] ?? '';
    tamper([lines[0], `${forged}\n`, lines[2], lines[3]].join(''));
    expect(await found()).toBe('line 2: it does not follow the line before it: one of the two was replaced');
  });

  it('a cut at the end of a line, in a run that was not sealed', async () => {
    tamper(lines.slice(0, 3).join(''));
    expect(await found()).toBe('line 4: it is missing: one event was cut off the end');
    tamper(lines.slice(0, 1).join(''));
    expect(await found()).toBe('line 2: it is missing: 3 events were cut off the end');
    tamper('');
    expect(await found()).toBe('line 1: it is missing: 4 events were cut off the end');
  });

  it('a whole journal that was replaced', async () => {
    const other = testStore();
    await written(other, 'a', BODIES.slice(0, 3).concat(note('another fourth')));
    tamper(readFileSync(other.journal('a')));
    expect(await found()).toBe(
      'line 4: it is not the one that was written: the head file names another hash',
    );
  });

  it('events that were added after the seal', async () => {
    await written(rig, 'b', BODIES.slice(0, 2), true);
    const sealedHead = readFileSync(rig.head('b'));
    const open = await rig.store.open('b');
    await open.journal.append(note('more'));
    await open.close();
    writeFileSync(rig.head('b'), sealedHead);
    expect((await rig.store.verify('b')).problem).toEqual({
      line: 3,
      message: 'it was added after the journal had been sealed',
    });
  });

  it('a head file that was changed', async () => {
    writeFileSync(rig.head('a'), 'hello');
    expect(await found()).toBe('line 4: the head file beside it was changed');
  });
});

describe('a journal without its head file', () => {
  it('is read like any other, as after a copy or a power failure', async () => {
    rmSync(rig.head('a'));
    expect(await rig.store.verify('a')).toMatchObject({ ok: true, sealed: false });
    writeFileSync(rig.head('a'), Buffer.alloc(128));
    expect(await rig.store.verify('a')).toMatchObject({ ok: true, sealed: false });
    expect(await rig.store.read('a')).toHaveLength(4);
  });
});

describe('a crash in the middle of a write', () => {
  it('leaves a torn line that is cut off and noted, wherever it was torn', async () => {
    const whole = lines.slice(0, 3).join('');
    const length = Buffer.byteLength(lines[3] ?? '');
    const head = await headAfter(3);
    for (let torn = 0; torn < length; torn += 1) {
      tamper(original.subarray(0, Buffer.byteLength(whole) + torn));
      writeFileSync(rig.head('a'), head);
      expect(await rig.store.read('a')).toHaveLength(3);
      const open = await rig.store.open('a');
      expect(open.repaired ?? 0).toBe(torn);
      await open.journal.append(note('after the repair'));
      await open.close();
      const events = await rig.store.read('a');
      expect(events.slice(3).map(({ type }) => type)).toEqual(
        torn === 0 ? ['note.added'] : ['journal.repaired', 'note.added'],
      );
      expect(open.events).toHaveLength(torn === 0 ? 3 : 4);
    }
  });

  it('is survived also when the head file had the torn line already', async () => {
    tamper(original.subarray(0, -1));
    expect((await rig.store.verify('a')).ok).toBe(false);
    const open = await rig.store.open('a');
    expect(open.repaired).toBe(Buffer.byteLength(lines[3] ?? '') - 1);
    await open.close();
    expect(await rig.store.verify('a')).toMatchObject({ ok: true, events: 4 });
  });

  it('is told apart from bytes that were added after the seal', async () => {
    await written(rig, 'b', BODIES, true);
    appendFileSync(rig.journal('b'), '{');
    expect((await rig.store.verify('b')).problem?.message).toBe(
      'it was added after the journal had been sealed',
    );
    await expect(rig.store.open('b')).rejects.toMatchObject({ code: 'altered' });
  });

  it('does not tell the screen of the repair: it is part of what was there', async () => {
    const told = rig.told.length;
    tamper(original.subarray(0, -3));
    const open = await rig.store.open('a');
    await open.close();
    expect(rig.told).toHaveLength(told);
  });

  it('can tear the very first line', async () => {
    tamper(original.subarray(0, 20));
    const open = await rig.store.open('a');
    expect(open.events).toMatchObject([{ type: 'journal.repaired', bytes: 20, seq: 1 }]);
    await open.close();
  });

  /** The head file as it was before the last line was written. */
  async function headAfter(count: number): Promise<Buffer> {
    const other = testStore();
    await written(other, 'a', BODIES.slice(0, count));
    return readFileSync(other.head('a'));
  }
});
