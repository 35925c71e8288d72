import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { validate } from 'dockerfile-utils';
import { expect, it } from 'vitest';

const dockerfile = readFileSync(resolve(import.meta.dirname, '..', '..', 'Dockerfile'), 'utf8');

it('is a Dockerfile', () => {
  expect(validate(dockerfile)).toEqual([]);
});

it('does not run as root, as which no database server starts', () => {
  const users = [...dockerfile.matchAll(/^USER (.+)$/gm)].map(([, name]) => name);
  expect(users.at(-1)).toBe('node');
});
