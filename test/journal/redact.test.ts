import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Redactor } from '../../engine/journal/redact.ts';
import fc from '../rig/fast-check.ts';
import { processorMillis } from '../rig/processor-time.ts';
import { anyJson, note, testStore } from './rig.ts';

const SECRET = 'p@ss/wörd "x" +1';

const knowing = (...secrets: string[]): Redactor => {
  const redactor = new Redactor();
  for (const secret of secrets) redactor.add(secret);
  return redactor;
};

describe('a redactor', () => {
  it.each([
    ['as it is', SECRET],
    ['URL-encoded', encodeURIComponent(SECRET)],
    ['URL-encoded in lower case', encodeURIComponent(SECRET).toLowerCase()],
    ['form-encoded', encodeURIComponent(SECRET).replaceAll('%20', '+')],
    ['escaped as JSON', JSON.stringify(SECRET).slice(1, -1)],
    ['in Base64', Buffer.from(SECRET).toString('base64')],
    ['in Base64 for URLs', Buffer.from(SECRET).toString('base64url')],
  ])('takes a secret out %s', (_, form) => {
    const redacted = knowing(SECRET).redact({ list: [`before ${form} after`] });
    expect(redacted).toEqual({ list: [expect.stringMatching(/^before \[secret\].{0,3} after$/)] });
  });

  it('finds it inside a longer Base64 text, wherever it begins', () => {
    const redactor = knowing('correct-horse-battery');
    for (const user of ['', 'a', 'ab', 'abc', 'abcd']) {
      const header = `Basic ${Buffer.from(`${user}:correct-horse-battery:x`).toString('base64')}`;
      const redacted = redactor.redact(header) as string;
      expect(redacted).toContain('[secret]');
      const rest = redacted.replace('Basic ', '').split('[secret]');
      expect(rest.map((part) => Buffer.from(part, 'base64').toString()).join()).not.toMatch(
        /horse|corr|tter/,
      );
    }
  });

  it('takes the password out of any URL', () => {
    const redactor = knowing();
    expect(redactor.redact('postgres://app:hunter2@db:5432/main and redis://:x@y')).toBe(
      'postgres://app:[secret]@db:5432/main and redis://:[secret]@y',
    );
    expect(redactor.redact('postgres://app:p@ss@db/main')).toBe('postgres://app:[secret]@db/main');
  });

  it.each(['http://127.0.0.1:4000/a@b', 'https://app@host/x', 'see http://a:80 or b@c.de', '://', 'a:b@c'])(
    'leaves %j alone',
    (text) => {
      expect(knowing().redact(text)).toBe(text);
    },
  );

  it('ignores what is too short to be a secret, and the empty text', () => {
    expect(knowing('', 'abc').redact('abc abcd')).toBe('abc abcd');
  });

  it('takes the longer of two secrets that begin alike', () => {
    expect(knowing('token', 'token-long').redact('token-long token')).toBe('[secret] [secret]');
  });

  it('knows secrets that were added later', () => {
    const redactor = knowing('first-secret');
    expect(redactor.redact('second-secret')).toBe('second-secret');
    redactor.add('second-secret');
    expect(redactor.redact('second-secret')).toBe('[secret]');
  });

  it('finds the same, in whatever order it met what it knows', () => {
    const secrets = ['token', 'token-long', 'long-er', "to'ken$", 'token-lone'];
    const written = secrets.flatMap((secret) => [secret, encodeURIComponent(secret), btoa(secret)]);
    fc.assert(
      fc.property(fc.array(fc.subarray(written), { minLength: 1 }), (texts) => {
        const redactor = knowing(...secrets);
        for (const parts of texts) {
          const text = parts.join('-');
          expect(redactor.redactText(text)).toBe(knowing(...secrets).redactText(text));
        }
      }),
    );
  });

  it('reads no pattern into a secret', () => {
    expect(knowing('.*+?^${}()|[]\\').redact('x .*+?^${}()|[]\\ y')).toBe('x [secret] y');
  });

  it('redacts names of members too, but not what kind of handle something is', () => {
    expect(knowing('render.postgres').redact({ 'render.postgres': 1, $ref: 'render.postgres' })).toEqual({
      '[secret]': 1,
      $ref: 'render.postgres',
    });
  });

  it('leaves everything else as it is, whatever it is', () => {
    fc.assert(
      fc.property(anyJson, (json) => {
        expect(knowing('no such text anywhere').redact(json)).toEqual(json);
      }),
    );
  });

  it('suspects every text in which it would find something', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 4 }), anyJson, (secret, json) => {
        const redactor = knowing(secret);
        const body = { a: [`x${secret}y`, json], b: JSON.stringify(secret) };
        expect(redactor.suspects(JSON.stringify(body))).toBe(true);
        expect(JSON.stringify(redactor.redact(body.a))).not.toContain(
          `x${JSON.stringify(secret).slice(1, -1)}y`,
        );
      }),
    );
  });

  it('stays fast on a large text without an end in sight', async () => {
    const redactor = knowing('some-secret-text');
    const millis = await processorMillis(() => {
      redactor.suspects('a'.repeat(2_000_000));
      redactor.redact(`://${'a:'.repeat(1_000_000)}`);
      redactor.redact('http://a:'.repeat(200_000));
    });
    expect(millis).toBeLessThan(2000);
  });
});

describe('the journal', () => {
  it('never writes a known secret, and keeps the names that resume goes by', async () => {
    const rig = testStore();
    const { store, redactor } = rig;
    redactor.add('restore');
    const open = await store.create('a');
    const [event] = await open.journal.append({
      type: 'recorded',
      key: 'restore',
      name: 'x',
      value: { password: 'restore', url: 'postgres://u:pw@h/d' },
    });
    expect(event).toMatchObject({
      key: 'restore',
      value: { password: '[secret]', url: 'postgres://u:[secret]@h/d' },
    });
    await open.journal.append(note('restore'));
    await open.close();
    expect(readFileSync(rig.journal('a'), 'utf8').match(/restore/g)).toHaveLength(1);
  });
});
