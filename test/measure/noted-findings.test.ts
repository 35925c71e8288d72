import { describe, expect, it } from 'vitest';
import { DONE, NOTED, notedFindings, openFindings } from '../../engine/measure/noted-findings.ts';

const noted = (text: string, due: string) => ({
  ...{ type: NOTED, at: 1 },
  body: { run: 'r', playbook: 'p', text, owner: 'ada', due, by: 'bob' },
});
const done = (id: number) => ({ type: DONE, at: 9, body: { id, by: 'ada' } });

describe('findings that were noted', () => {
  it('are open until they are done, the most pressing first', () => {
    const all = notedFindings([
      noted('a', '2026-03-01'),
      noted('b', '2026-02-01'),
      noted('c', '2026-01-01'),
      done(3),
    ]);
    expect(openFindings(all).map(({ id, text }) => [id, text])).toEqual([
      [2, 'b'],
      [1, 'a'],
    ]);
    expect(all[2]).toMatchObject({ text: 'c', done: { at: 9, by: 'ada' } });
  });

  it('take nothing from entries that are about none of them', () => {
    expect(notedFindings([done(1), { type: 'other', at: 1, body: { id: 'x' } }])).toEqual([]);
  });
});
