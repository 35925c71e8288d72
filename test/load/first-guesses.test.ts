import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { guessedDuration } from '../../engine/load/first-guesses.ts';
import { loadPlaybook } from '../../engine/load/playbook.ts';
import { SourceFile } from '../../engine/source/file.ts';

const source = readFileSync(new URL('../../engine/load/first-guesses.ts', import.meta.url), 'utf8');
const schema = readFileSync(new URL('../../schemas/playbook.schema.json', import.meta.url), 'utf8');

async function hints(text: string): Promise<readonly (string | undefined)[]> {
  const file = new SourceFile('p.yaml', `version: 1\nid: p\ntitle: P\nsummary: S.\n${text}`);
  const { diagnostics } = await loadPlaybook(file, {
    ids: () => Promise.resolve([]),
    find: () => Promise.resolve(undefined),
  });
  return diagnostics.map(({ code, hint }) => `${code} ${hint ?? ''}`);
}

describe('what people write first', () => {
  test.each([
    [
      'steps: [{ uses: wait, with: { for: 1s }, name: Wait }]',
      'DB020 People read the `title`, and expressions name the `id`.',
    ],
    [
      'steps: [{ uses: wait, with: { for: 1s }, if: "true" }]',
      'DB020 `when` says when it runs, without ${{ }}.',
    ],
    [
      'steps: [{ title: Look, run: ls }]',
      'DB020 A script is a step of the kind shell: `uses: shell`, `with: { script: … }`.',
    ],
    ['steps: [{ uses: wait, with: { for: 1s }, retries: 3 }]', 'DB020 Write `retry: { attempts: 3 }`.'],
    ['tasks: []\nsteps: []', 'DB020 What is done is `steps`.'],
    ['steps: [{ uses: wait, with: { for: 1s }, timeuot: 3s }]', 'DB020 Did you mean "timeout"?'],
    [
      'steps: [{ uses: sql, with: {} }]',
      'DB030 `sql.query` reads from a database, `sql.execute` writes to it.',
    ],
    ['steps: [{ uses: Bash, with: {} }]', 'DB030 A script or a command, here or on a host, is `shell`.'],
    ['steps: [{ uses: shel, with: {} }]', 'DB030 Did you mean "shell"?'],
    ['steps: [{ uses: wait, with: { for: 1s }, timeout: 30 min }]', 'DB024 Write 30m.'],
    [
      'steps: [{ uses: wait, with: { for: 1s }, timeout: soon }]',
      'DB024 Write a number and its unit, the largest first: 30s, 10m, 1h30m.',
    ],
  ])('%s', async (text, wanted) => {
    expect(await hints(text)).toContain(wanted);
  });

  test.each([
    ['30 min', '30m'],
    ['1 hour 30 minutes', '1h30m'],
    ['2 Days', '2d'],
    ['90 seconds', '90s'],
    ['1h, 5min', '1h5m'],
    ['PT1H30M', '1h30m'],
    ['P1DT2H', '1d2h'],
    ['500 msec', '500ms'],
    ['30', undefined],
    ['half an hour', undefined],
    ['5 weeks', undefined],
    ['10m 1h', undefined],
  ])('%s is meant as %s', (text, wanted) => {
    expect(guessedDuration(text)).toBe(wanted);
  });

  test('is answered with keys and kinds that there are', () => {
    const named = [...source.matchAll(/`([a-zA-Z]+(?:\.[a-z-]+)?)`/g)].map(([, name = '']) => name);
    const keys = [...source.matchAll(/key: '(\w+)'/g)].map(([, name = '']) => name);
    const unknown = [...named, ...keys].filter(
      (name) =>
        !existsSync(new URL(`../../schemas/steps/${name}.schema.json`, import.meta.url)) &&
        !schema.includes(`"${name}":`) &&
        !/\.env$|^env$/.test(name),
    );
    expect(named.length + keys.length).toBeGreaterThan(40);
    expect(unknown).toEqual([]);
  });
});
