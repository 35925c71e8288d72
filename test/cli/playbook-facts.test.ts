import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { playbookFacts } from '../../engine/cli/playbook-facts.ts';
import { temporaryFolder } from '../rig/drillbook.ts';

const playbook = (id: string, steps: string, more = ''): string =>
  `version: 1\nid: ${id}\ntitle: The way of ${id}\nsummary: It is short.\n${more}steps:\n${steps}`;

const WAITS = '  - { id: pause, title: Wait, uses: wait, with: { for: 1s } }\n';
const CALLS = '  - { id: call, title: Call it, uses: playbook, with: { playbook: called } }\n';

/** A folder of playbooks, one of which calls another, and a folder to keep things in. */
function folders(): { readonly playbooks: string; readonly keep: string; readonly file: string } {
  const root = temporaryFolder();
  const [playbooks, keep] = [join(root, 'playbooks'), join(root, 'store')];
  for (const folder of [keep, join(playbooks, 'procedures')]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(playbooks, 'caller.yaml'), playbook('caller', CALLS));
  writeFileSync(join(playbooks, 'procedures', 'called.yaml'), playbook('called', WAITS));
  return { playbooks, keep, file: join(keep, 'playbooks.json') };
}

const titles = async (playbooks: string, keep: string): Promise<readonly (string | undefined)[]> =>
  (await playbookFacts(playbooks, keep)).map(({ facts }) => facts?.title);

const BOTH = ['The way of called', 'The way of caller'];

describe('what the playbooks of a folder say of themselves', () => {
  it('is read once, and the same afterwards', async () => {
    const { playbooks, keep, file } = folders();
    const first = await playbookFacts(playbooks, keep);
    const kept = statSync(file).ino;
    expect(await playbookFacts(playbooks, keep)).toStrictEqual(first);
    expect(statSync(file).ino).toBe(kept);
    expect(first.map(({ id, facts }) => [id, facts?.title])).toEqual([
      ['called', BOTH[0]],
      ['caller', BOTH[1]],
    ]);
  });

  it.each<[what: string, change: (playbooks: string) => void, then: readonly (string | undefined)[]]>([
    [
      'a playbook changes',
      (at) =>
        writeFileSync(join(at, 'caller.yaml'), playbook('caller', CALLS, 'priority: high\nnonsense: 1\n')),
      [BOTH[0], undefined],
    ],
    [
      'one that it calls has an error now',
      (at) => writeFileSync(join(at, 'procedures', 'called.yaml'), playbook('called', '  - { id: 1 }\n')),
      [undefined, undefined],
    ],
    ['one that it calls is gone', (at) => rmSync(join(at, 'procedures', 'called.yaml')), [undefined]],
    [
      'another one is there',
      (at) => writeFileSync(join(at, 'another.yaml'), playbook('another', WAITS)),
      ['The way of another', ...BOTH],
    ],
    [
      'the same text stands under another name',
      (at) => writeFileSync(join(at, 'copy.yaml'), readFileSync(join(at, 'procedures', 'called.yaml'))),
      [...BOTH, 'The way of called'],
    ],
  ])('is read anew when %s', async (_what, change, then) => {
    const { playbooks, keep } = folders();
    expect(await titles(playbooks, keep)).toEqual(BOTH);
    change(playbooks);
    expect(await titles(playbooks, keep)).toEqual(then);
  });

  it.each([
    ['is torn', (text: string) => text.slice(0, -9)],
    ['was edited', (text: string) => text.replace('The way of called', 'The way it is not')],
    ['is empty', () => ''],
  ])('is read anew when what was kept %s', async (_what, spoil) => {
    const { playbooks, keep, file } = folders();
    await playbookFacts(playbooks, keep);
    writeFileSync(file, spoil(readFileSync(file, 'utf8')));
    expect(await titles(playbooks, keep)).toEqual(BOTH);
  });

  it('makes no folder to be kept in', async () => {
    const { playbooks, keep } = folders();
    rmSync(keep, { recursive: true });
    expect(await titles(playbooks, keep)).toEqual(BOTH);
    expect(existsSync(keep)).toBe(false);
  });
});
