import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { JsonObject } from '../../../engine/base/json.ts';

const schemas = fileURLToPath(new URL('../../../schemas/', import.meta.url));
const committed = JSON.parse(readFileSync(`${schemas}playbook.bundle.schema.json`, 'utf8')) as JsonObject;

describe('in an editor', () => {
  let validate: (playbook: unknown) => boolean;

  beforeAll(() => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    const compiled = ajv.compile(committed);
    validate = (playbook) => compiled(playbook);
  });

  const playbook = (step: JsonObject): JsonObject => ({
    version: 1,
    id: 'a',
    title: 'A',
    summary: 'A.',
    steps: [step],
  });

  test('a whole playbook is fine', () => {
    const path = fileURLToPath(new URL('../fixtures/database-corruption.yaml', import.meta.url));
    expect(validate(parse(readFileSync(path, 'utf8')))).toBe(true);
  });

  test('`uses` picks what `with` may hold', () => {
    expect(validate(playbook({ uses: 'wait', with: { for: '1s' } }))).toBe(true);
    expect(validate(playbook({ uses: 'wait', with: { four: '1s' } }))).toBe(false);
    expect(validate(playbook({ uses: 'http.request' }))).toBe(false);
    expect(validate(playbook({ uses: 'htp.request', with: {} }))).toBe(false);
  });

  test('a template stands for any value', () => {
    const step = (ok: unknown) => playbook({ uses: 'http.request', with: { url: 'x', ok } as JsonObject });
    expect(validate(step([200]))).toBe(true);
    expect(validate(step('${{ inputs.statuses }}'))).toBe(true);
    expect(validate(step('two hundred'))).toBe(false);
  });

  test('a probe is checked like a step', () => {
    const step = (url: string) =>
      playbook({
        uses: 'wait',
        with: { for: '1s' },
        until: { uses: 'http.request', with: { [url]: 'x' }, that: 'true' },
      });
    expect(validate(step('url'))).toBe(true);
    expect(validate(step('uri'))).toBe(false);
  });
});
