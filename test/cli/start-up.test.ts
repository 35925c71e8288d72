import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync, spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../rig/drillbook.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');
const BUNDLES = join('dist', 'bundle');
const BUNDLE = join(BUNDLES, readFileSync(join(ROOT, BUNDLES, 'current'), 'utf8'));
const CACHE = join(BUNDLE, 'start.cache');

/** What every command needs, copied, without a code cache. */
function freshCopy(): string {
  const folder = temporaryFolder();
  const main = join('dist', 'cli', 'main.cjs');
  for (const path of ['package.json', join(BUNDLES, 'current'), BUNDLE, main]) {
    cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  }
  rmSync(join(folder, CACHE), { force: true });
  return folder;
}

const run = (folder: string, ...args: readonly string[]): string =>
  execFileSync(process.execPath, [join(folder, 'dist', 'cli', 'main.cjs'), ...args], { encoding: 'utf8' });

describe('the code cache', () => {
  it('is made by the first command and taken by the next', () => {
    const folder = freshCopy();
    const first = run(folder, '--help');
    const cache = readFileSync(join(folder, CACHE));
    expect(cache.toString('latin1', 0, 67)).toMatch(/^\/\/ [0-9a-f]{64}$/);
    expect(run(folder, '--help')).toBe(first);
    expect(readFileSync(join(folder, CACHE))).toEqual(cache);
    expect(readdirSync(join(folder, BUNDLE))).not.toContainEqual(expect.stringMatching(/cache\./));
  });

  it.each([
    ['is empty', () => Buffer.alloc(0)],
    ['is cut off', (cache: Buffer) => cache.subarray(0, 10_000)],
    ['is spoiled', (cache: Buffer) => Buffer.from(cache).fill(0, 30_000, 40_000)],
    ['is of another bundle', (cache: Buffer) => Buffer.from(cache).fill('0', 3, 67)],
  ])('is made anew when it %s', (_, spoil) => {
    const folder = freshCopy();
    const help = run(folder, '--help');
    const cache = readFileSync(join(folder, CACHE));
    writeFileSync(join(folder, CACHE), spoil(cache));
    expect(run(folder, '--help')).toBe(help);
    expect(readFileSync(join(folder, CACHE)).subarray(0, 67)).toEqual(cache.subarray(0, 67));
    expect(readFileSync(join(folder, CACHE)).length).toBeGreaterThan(50_000);
  });

  it('is done without where it cannot be written', () => {
    const folder = freshCopy();
    mkdirSync(join(folder, CACHE, 'in the way'), { recursive: true });
    expect(run(folder, '--help')).toContain('Usage: drillbook');
  });
});

describe('the bundle', () => {
  it('holds no module twice: instanceof must hold across its parts', () => {
    const modules = readdirSync(join(ROOT, BUNDLE))
      .filter((name) => name.endsWith('.cjs'))
      .flatMap((name) => [
        ...readFileSync(join(ROOT, BUNDLE, name), 'latin1').matchAll(
          /^\/\/ (?:#region )?((?:engine|dist)\/.+\.[jt]s)$/gm,
        ),
      ])
      .map((match) => match[1]);
    expect(modules.length).toBeGreaterThan(100);
    expect(modules.filter((name, index) => modules.indexOf(name) !== index)).toEqual([]);
  });

  it('is not loaded to tell the version', () => {
    const folder = freshCopy();
    rmSync(join(folder, BUNDLES), { recursive: true });
    const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect(run(folder, '--version')).toBe(`${manifest.version}\n`);
  });
});

describe('what a command loads', () => {
  /** The libraries that are loaded when the command ends, by the names of their packages. */
  function loadedBy(...args: readonly string[]): readonly string[] {
    const folder = temporaryFolder();
    const hook = join(folder, 'hook.cjs');
    const list = join(folder, 'loaded');
    writeFileSync(
      hook,
      `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(list)}, Object.keys(require('node:module')._cache).join('\\n')))`,
    );
    const main = join(ROOT, 'dist', 'cli', 'main.cjs');
    spawnSync(process.execPath, ['--require', hook, main, ...args], { cwd: folder });
    const paths = readFileSync(list, 'utf8').split('\n');
    return [...new Set(paths.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []))];
  }

  it.each([['--help'], ['runs'], ['list'], ['check'], ['history'], ['schedule'], ['resume'], ['worker']])(
    'of the queue of workers nothing, for %s in a folder',
    (command) => {
      expect(loadedBy(command)).not.toContain('@dbos-inc/dbos-sdk');
    },
  );

  it('the queue, for what is put into it', () => {
    const nowhere = 'postgresql://ada@127.0.0.1:1/x';
    expect(loadedBy('drill', 'database-corruption', '--queue', '--store', nowhere)).toContain(
      '@dbos-inc/dbos-sdk',
    );
  });
});
