import { describe, expect, it } from 'vitest';
import { Instant } from '../../engine/base/instant.ts';
import type { JsonObject } from '../../engine/base/json.ts';
import type { Asked } from '../../engine/board/question.ts';
import { choicesOf, valuesIn } from '../../engine/board/question.ts';

const NOW = Instant.parse('2026-11-30T12:00:00Z')!;

const asked = (input: JsonObject): Asked => ({ gate: 'at#1', key: 'at', since: 0, question: { input } });
const said = (input: JsonObject, value: string) => valuesIn(asked(input), 'value', { value }, NOW);

describe('what is written into the form of a question', () => {
  it.each<[string, string, unknown]>([
    ['time', '10 minutes ago', { $time: '2026-11-30T11:50:00.000Z' }],
    ['time', ' 2026-11-29 21:18 UTC ', { $time: '2026-11-29T21:18:00.000Z' }],
    ['time', '2026-12-01T08:00:00Z', { $time: '2026-12-01T08:00:00.000Z' }],
    ['time', '09:30Z', { $time: '2026-11-30T09:30:00.000Z' }],
    ['duration', '1h30m', { $duration: '1h30m' }],
    ['number', '12', 12],
    ['boolean', 'yes', true],
    ['choice', 'tables', 'tables'],
    ['list', 'users\r\nvideos\n', ['users', 'videos']],
    ['text', ' eu-west-1 ', 'eu-west-1'],
  ])('is read as at a terminal: %s %s', (type, value, read) => {
    const options = type === 'choice' ? [{ value: 'tables', label: 'Some tables' }] : [];
    expect(said({ type, options }, value)).toEqual({ values: { value: read } });
  });

  it.each<[string, string, RegExp]>([
    ['time', 'yesterday', /Write 21:18, .* 10 minutes ago/],
    // Today's is still to come, yesterday's is over: a form cannot ask once more which is meant.
    ['time', '21:18Z', /Which day is meant\? Write it too: 2026-11-29T21:18:00.000Z/],
    ['time', '', /An answer is needed/],
    ['duration', '30', /with its unit: 30m/],
    ['number', 'some', /Write a number/],
    ['choice', 'all', /One of users, videos/],
    ['list', 'users\nall', /all is none of users, videos/],
  ])('is refused with what would be right: %s "%s"', (type, value, problem) => {
    const options = ['choice', 'list'].includes(type)
      ? ['users', 'videos'].map((each) => ({ value: each, label: each }))
      : [];
    const found = said({ type, options }, value);
    expect('problem' in found ? found.problem : '').toMatch(problem);
  });
});

describe('what may be answered on the board', () => {
  const gate = {
    ...{ type: 'gate', key: 'at', id: 'at', title: 'Switch' },
    choices: ['go', 'decline', 'approve', 'correct', 'note', 'pause'],
    role: { name: 'dba', people: ['ada'] },
  };
  const open: Asked = { gate: 'at#1', key: 'at', since: 0, question: gate };

  it('is all but what has to be signed, and what is a talk at the terminal of the run', () => {
    expect(choicesOf(open, 'ada')).toEqual(['go', 'decline', 'note', 'pause']);
  });

  it('is no yes for whoever has not the role of the question', () => {
    expect(choicesOf(open, 'ben')).toEqual(['decline', 'note', 'pause']);
  });

  it('is nothing where nobody knows the question', () => {
    expect(choicesOf({ ...open, question: { type: 'riddle', choices: ['go'] } }, 'ada')).toEqual([]);
  });
});
