// @module-tag needs/bash
import { execFileSync } from 'node:child_process';
import fc from '../rig/fast-check.ts';
import { describe, expect, it } from 'vitest';
import { columns } from '../../engine/base/layout.ts';
import { shellLines } from '../../engine/present/shell-lines.ts';
import { quote } from '../../engine/kinds/context/quote.ts';

/** What bash makes of it: its words, a line each. */
const words = (command: string): string => execFileSync('bash', ['-c', command], { encoding: 'utf8' });

const SQL =
  "psql \"$URL\" <<'SQL'\nselect count(*) from inspections where site = 'a long  name -' and note <> 'x';\nSQL";

describe('a command for a terminal', () => {
  it('stays as it is where there is room', () => {
    expect(shellLines('dropdb --force main', 40)).toEqual(['dropdb --force main']);
  });

  it('goes on behind a backslash, between words where it can', () => {
    expect(shellLines('pg_restore --jobs=2 --exit-on-error main.dump', 24)).toEqual([
      'pg_restore --jobs=2 \\',
      '--exit-on-error \\',
      'main.dump',
    ]);
  });

  it('closes a quote before it goes on, and opens it again', () => {
    expect(shellLines(`curl -d '{"a":"bbbbbbbbbb"}'`, 16)).toEqual([
      'curl -d \\',
      `'{"a":"bbbbbb'\\`,
      `'bbbb"}'`,
    ]);
  });

  it('breaks a statement between words, and no text in quotes', () => {
    expect(shellLines(SQL, 40)).toEqual([
      `psql "$URL" <<'SQL'`,
      'select count(*) from inspections where',
      `site = 'a long  name -' and note <> 'x';`,
      'SQL',
    ]);
  });

  it('breaks a comment into comments', () => {
    expect(shellLines('# Add what that shows to this', 20)).toEqual(['# Add what that', '# shows to this']);
  });

  it('is read by bash as the command itself', () => {
    const text = fc.string({
      unit: fc.constantFrom(...Array.from(`ab '"\\$(){}#;|<>`)),
      minLength: 1,
      maxLength: 24,
    });
    const word = fc.oneof(
      text.map(quote),
      text.map((each) => `"${each.replaceAll(/["\\`$]/g, String.raw`\$&`)}"`),
      text.map((each) => `"x $(printf %s ${quote(each)}) y"`),
    );
    const command = fc.array(word, { minLength: 1, maxLength: 8 });
    const cases = fc.sample(fc.tuple(command, fc.integer({ min: 8, max: 40 })), 60);
    const whole = cases.map(([each]) => `printf '%s\n' ${each.join(' ')}`);
    const cut = whole.map((each, index) => shellLines(each, cases[index]?.[1] ?? 0).join('\n'));
    expect(words(cut.join('\n'))).toBe(words(whole.join('\n')));
    for (const [index, each] of cut.entries()) {
      for (const line of each.split('\n')) expect(columns(line)).toBeLessThanOrEqual(cases[index]?.[1] ?? 0);
    }
  });
});
