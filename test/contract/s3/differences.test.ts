import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DIFFERENCES } from './differences.ts';

const FOLDER = import.meta.dirname;

/** The titles of all rules; a part that is filled in for several of them stands for anything. */
const titles = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.test.ts'))
  .flatMap((name) => [...readFileSync(join(FOLDER, name), 'utf8').matchAll(/\brule\(\s*(['`])(.+?)\1,/gs)])
  .map(
    ([, , title = '']) =>
      new RegExp(
        `^${title.replaceAll(/\$\{.*?\}|[.*+?^$(){}|[\]\\]/g, (part) => (part.startsWith('${') ? '.+' : `\\${part}`))}$`,
      ),
  );

test('every difference that is listed is one of a rule that there is', () => {
  const unknown = Object.keys(DIFFERENCES).filter((title) => !titles.some((known) => known.test(title)));
  expect(unknown).toEqual([]);
});
