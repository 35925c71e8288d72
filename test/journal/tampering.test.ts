import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { compareWithHead, readChain } from '../../engine/journal/chain.ts';
import fc from '../rig/fast-check.ts';
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
        expect(compareWithHead(chain, head).problem).toBeDefined();
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

  it('a cut of a sealed run, wherever it was cut', async () => {
    await written(rig, 'b', BODIES, true);
    const sealed = readFileSync(rig.journal('b'));
    for (let length = 0; length < sealed.length; length += 1) {
      writeFileSync(rig.journal('b'), sealed.subarray(0, length));
      expect(await rig.store.verify('b')).toMatchObject({
        ok: false,
        problem: { message: /cut off the end/ },
      });
    }
    await expect(rig.store.read('b')).rejects.toMatchObject({ code: 'altered' });
    await expect(rig.store.open('b')).rejects.toMatchObject({ code: 'altered' });
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

describe('a run that was not sealed and lost its end', () => {
  const endless = async (): Promise<unknown> => (await rig.store.verify('a')).problem;

  it.each([
    [3, 'line 4: it is missing: one event was cut off the end'],
    [1, 'line 2: it is missing: 3 events were cut off the end'],
    [0, 'line 1: it is missing: 4 events were cut off the end'],
  ])('is told of, cut after event %i', async (kept, problem) => {
    tamper(lines.slice(0, kept).join(''));
    const [, line, message] = /^line (\d): (.*)$/.exec(problem) ?? [];
    expect(await endless()).toEqual({ line: Number(line), message });
    expect(await rig.store.read('a')).toHaveLength(kept);
  });

  it.each([0, 1, 2, 3])(
    'notes what its head named when it is opened, cut after event %i or within the next',
    async (kept) => {
      const head = readChain(original).head;
      const start = Buffer.byteLength(lines.slice(0, kept).join(''));
      for (const torn of [0, 1, Buffer.byteLength(lines[kept] ?? '') - 1]) {
        tamper(original.subarray(0, start + torn));
        writeFileSync(rig.head('a'), `${JSON.stringify({ ...head, sealed: false }).padEnd(127)}\n`);
        const open = await rig.store.open('a');
        expect(open.events.at(-1)).toMatchObject({
          type: 'journal.repaired',
          seq: kept + 1,
          bytes: torn,
          head,
        });
        await open.close();
      }
    },
  );

  it('goes on being told of when it was gone on with, sealed and opened again', async () => {
    tamper(original.subarray(0, Buffer.byteLength(lines[0] ?? '') + 9));
    for (const text of ['one', 'two']) {
      const open = await rig.store.open('a');
      await open.journal.append(note(text));
      await open.seal();
      await open.close();
    }
    expect(await rig.store.read('a')).toHaveLength(4);
    expect(await rig.store.verify('a')).toMatchObject({
      ok: false,
      sealed: true,
      problem: {
        line: 2,
        message: `3 events had been cut off before it: the head named event 4, sha256:${readChain(original).head.hash}`,
      },
    });
    tamper(readFileSync(rig.journal('a'), 'utf8').replace(/\{"bytes".*?\}\}\}/, '{"struck":true}}'));
    expect(await endless()).toEqual({
      line: 2,
      message: 'its payload was struck out, which says what was lost before it',
    });
  });

  it('is opened again when a crash came between the note and its head', async () => {
    tamper(lines.slice(0, 3).join(''));
    const head = readFileSync(rig.head('a'));
    await (await rig.store.open('a')).close();
    writeFileSync(rig.head('a'), head);
    const open = await rig.store.open('a');
    expect(open.events.map(({ type }) => type).slice(3)).toEqual(['journal.repaired']);
    await open.close();
  });

  it.each([
    ['removed', undefined],
    ['emptied', Buffer.alloc(0)],
    ['zeroed', Buffer.alloc(128)],
  ])('may have when its head file was %s', async (_, content) => {
    if (content === undefined) rmSync(rig.head('a'));
    else writeFileSync(rig.head('a'), content);
    expect(await endless()).toMatchObject({ line: 4, message: /^the head file beside it is missing/ });
    const open = await rig.store.open('a');
    expect(open.events.at(-1)).toMatchObject({ type: 'journal.repaired', bytes: 0, head: null });
    await open.close();
    expect(await endless()).toEqual({
      line: 5,
      message: 'the head file was missing when the run was opened again here',
    });
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
    expect(open.events).toMatchObject([{ type: 'journal.repaired', bytes: 20, seq: 1, head: { seq: 4 } }]);
    await open.close();
  });

  /** The head file as it was before the last line was written. */
  async function headAfter(count: number): Promise<Buffer> {
    const other = testStore();
    await written(other, 'a', BODIES.slice(0, count));
    return readFileSync(other.head('a'));
  }
});
