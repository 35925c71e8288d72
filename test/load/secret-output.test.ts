import { describe, expect, it } from 'vitest';
import { loadPlaybook } from '../../engine/load/playbook.ts';
import { SourceFile } from '../../engine/source/file.ts';

const NOTHING = { find: () => Promise.resolve(undefined), ids: () => Promise.resolve([]) };

async function check(steps: string, rehearsal = '') {
  const text = `version: 1\nid: p\ntitle: P\nsummary: For a test.\n${rehearsal}steps:\n${steps}`;
  const { value, diagnostics } = await loadPlaybook(new SourceFile('p.yaml', text), NOTHING);
  return { playbook: value, found: diagnostics.map(({ code, message }) => `${code} ${message}`) };
}

const shell = (secretOutput: string, more = ''): string =>
  `  - { id: a, uses: shell, effect: read, secretOutput: ${secretOutput}, with: { script: pwd${more} } }\n`;
const uses = (path: string): string =>
  `  - { id: b, uses: manual, with: { instructions: 'Use \${{ steps.a.output.${path} }}' } }\n`;
const ASKS = `  - { id: a, uses: ask, with: { inputs: { pin: { prompt: Which?, type: secret }, who: { prompt: Who? } } } }\n`;

describe('what a playbook calls secret', () => {
  it.each([
    ['[stdout]', ['stdout', 'lines', 'json']],
    ['[json.token]', ['json.token', 'stdout', 'lines']],
    ['[stderr]', ['stderr']],
  ])('%s hides what is made of the same text, too', async (written, paths) => {
    const { playbook } = await check(shell(written));
    expect(playbook?.steps[0]).toMatchObject({ secretOutput: paths.map((path) => ({ path })) });
    for (const path of paths) {
      const { found } = await check(shell(written) + uses(path));
      expect(found.join()).toContain(`DB047 "steps.a.output.${path}" is a secret`);
    }
  });

  it('is refused where the output has no such member', async () => {
    const { found } = await check(shell('[stdot]'));
    expect(found).toEqual(['DB043 The output has no "stdot", so nothing of it would be secret']);
  });

  it('is the answer to a secret question, and to no other', async () => {
    expect((await check(ASKS + uses('pin'))).found.join()).toContain('DB047');
    expect((await check(ASKS + uses('who'))).found).toEqual([]);
  });

  it.each([
    ['as a default', ASKS.replace('secret }', 'secret, default: 4711 }'), ''],
    ['as an answer', ASKS, 'rehearsals: { r: { fault: none, answers: { a: { pin: 4711 } } } }\n'],
    ['as the only answer', ASKS, 'rehearsals: { r: { fault: none, answers: { a: 4711 } } }\n'],
    [
      'as an output by hand',
      shell('[stdout]'),
      'rehearsals: { r: { fault: none, answers: { a: { answer: byHand, values: { stdout: x } } } } }\n',
    ],
  ])('does not stand in the playbook %s', async (_, steps, rehearsal) => {
    expect((await check(steps, rehearsal)).found).toEqual([
      'DB115 A secret stands here for everybody to read',
    ]);
  });

  it('is named there', async () => {
    const named = 'rehearsals: { r: { fault: none, answers: { a: { pin: { env: PIN } } } } }\n';
    expect((await check(ASKS, named)).found).toEqual([]);
    const gate = 'rehearsals: { r: { fault: none, answers: { a: go } } }\n';
    expect((await check(shell('[stdout]'), gate)).found).toEqual([]);
  });
});
