import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { commandName, withCarried } from '../../engine/cli/invocation.ts';
import { temporaryFolder } from '../rig/drillbook.ts';

/** A package with its command, and the link that npm makes to it. */
function installed(...where: readonly string[]): { root: string; file: string; link: string; bin: string } {
  const root = realpathSync(temporaryFolder());
  const file = join(root, ...where, 'dist', 'cli', 'main.cjs');
  const bin = join(root, 'bin');
  const link = join(bin, 'drillbook');
  mkdirSync(dirname(file), { recursive: true });
  mkdirSync(bin);
  writeFileSync(file, '');
  symlinkSync(file, link);
  return { root, file, link, bin };
}

it('is Node.js and the file where it was started so', () => {
  const { root, file } = installed();
  const start = { script: file, node: 'node', env: { PATH: '' } };
  expect(commandName({ ...start, cwd: root })).toBe('node dist/cli/main.cjs');
  expect(commandName({ ...start, cwd: join(root, 'dist', 'cli') })).toBe('node main.cjs');
  expect(commandName({ ...start, cwd: join(root, 'bin') })).toBe(`node ${file}`);
});

it('is the same under npm start, which is no command for resume', () => {
  const { root, file } = installed();
  const env = { PATH: '', npm_command: 'start', npm_lifecycle_event: 'start' };
  expect(commandName({ script: file, node: 'node', cwd: root, env })).toBe('node dist/cli/main.cjs');
});

it('is the bare name where the link is on the path', () => {
  const { root, link, bin } = installed('node_modules', 'drillbook');
  expect(commandName({ script: link, node: 'node', cwd: root, env: { PATH: `/x:${bin}` } })).toBe(
    'drillbook',
  );
});

it('is npx among the modules of another project', () => {
  const { root, link, bin } = installed('node_modules', 'drillbook');
  const env = { PATH: bin, npm_command: 'exec' };
  expect(commandName({ script: link, node: 'node', cwd: root, env })).toBe('npx drillbook');
});

it('is not npx in a checkout, which npx would build anew', () => {
  const { root, link, bin } = installed();
  const env = { PATH: bin, npm_command: 'exec' };
  expect(commandName({ script: link, node: 'node', cwd: root, env })).toBe('node dist/cli/main.cjs');
});

it('can be pasted where a folder has a space', () => {
  const { root, file } = installed('my tools');
  expect(commandName({ script: file, node: '/opt/a b/node', cwd: root, env: {} })).toBe(
    "'/opt/a b/node' 'my tools/dist/cli/main.cjs'",
  );
});

const TAKES: Readonly<Record<string, readonly string[]>> = {
  resume: ['store', 'operator'],
  drill: ['playbooks', 'store', 'operator'],
  init: ['playbooks'],
};
const takes = (command: string, option: string): boolean => TAKES[command]?.includes(option) ?? false;

it.each([
  ['resume RUN', { store: '/runs' }, 'resume RUN --store /runs'],
  ['resume RUN', { store: 'my runs', playbooks: 'books' }, "resume RUN --store 'my runs'"],
  ['drill x', { store: 's', playbooks: 'p', operator: 'o' }, 'drill x --playbooks p --store s --operator o'],
  ['init', { store: 's' }, 'init'],
  ['drill x --store other', { store: 's' }, 'drill x --store other'],
  ['drill x', {}, 'drill x'],
])('repeats in `%s` what %j said, where it is taken: %s', (rest, given, expected) => {
  expect(withCarried(rest, { given, takes })).toBe(expected);
});
