import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FileSink } from '../../engine/journal/file-sink.ts';
import { CHAIN_START } from '../../engine/journal/line.ts';
import { Redactor } from '../../engine/journal/redact.ts';
import { JournalWriter } from '../../engine/journal/writer.ts';
import { TestClock, note, temporaryFolder, testStore } from './rig.ts';

const onFullDisk = (): JournalWriter =>
  new JournalWriter({
    run: 'a',
    sink: new FileSink(
      { journal: '/dev/full', head: join(temporaryFolder(), 'journal.head') },
      { ...CHAIN_START, sealed: false },
    ),
    head: CHAIN_START,
    clock: new TestClock(),
    redactor: new Redactor(),
    onAppend: () => expect.unreachable('nothing was written'),
  });

describe.runIf(process.platform === 'linux')('a full disk', () => {
  it('fails the append and says what to do', async () => {
    const journal = onFullDisk();
    await expect(journal.append(note('x'))).rejects.toMatchObject({
      name: 'StoreError',
      code: 'io',
      message: expect.stringContaining('the journal of run a cannot be written') as string,
      hint: 'The disk is full: free some space.',
    });
    await journal.close();
  });

  it('fails every append that was under way and every later one', async () => {
    const journal = onFullDisk();
    const results = await Promise.allSettled([journal.append(note('x')), journal.append(note('y'))]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(journal.append(note('z'))).rejects.toMatchObject({ code: 'io' });
    await expect(journal.seal()).rejects.toMatchObject({ code: 'io' });
    await journal.close();
  });
});

describe('a screen that fails', () => {
  it('is heard of by whoever appended, and does not harm the journal', async () => {
    const rig = testStore();
    const open = await rig.store.create('a');
    rig.told.push = () => {
      throw new Error('the screen has a fault');
    };
    await expect(open.journal.append(note('x'))).rejects.toThrow('the screen has a fault');
    rig.told.push = () => 0;
    await open.journal.append(note('y'));
    await open.close();
    expect(await rig.store.read('a')).toHaveLength(2);
  });
});
