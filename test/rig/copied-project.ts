import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { drillbook, temporaryFolder } from './drillbook.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');

/** The step of a build that makes the bundle of the sources, and switches to it. */
export const BUNDLE = ['dist/cli/bundle-program.js'];

/** A copy of the project as it is built, whose sources a test changes and builds anew. */
export class CopiedProject {
  readonly root = mkdtempSync(join(tmpdir(), 'drillbook-test-'));
  readonly bundles = join(this.root, 'dist', 'bundle');
  /** Its command. */
  readonly main = join(this.root, 'dist', 'cli', 'main.cjs');

  constructor() {
    const parts = ['engine', 'schemas', 'playbooks', 'package.json', 'tsconfig.json', 'tsconfig.build.json'];
    for (const part of [...parts, 'dist'])
      cpSync(join(ROOT, part), join(this.root, part), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(this.root, 'node_modules'));
    this.compile({ noCheck: true });
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  /** Of builds that differ by names alone types are not checked: that is most of what a build takes. */
  compile(options: { readonly noCheck: boolean }): void {
    const path = join(this.root, 'tsconfig.build.json');
    const config = JSON.parse(readFileSync(path, 'utf8')) as { compilerOptions: object };
    const compilerOptions = { ...config.compilerOptions, ...options };
    writeFileSync(path, JSON.stringify({ ...config, compilerOptions }));
  }

  /** All that `npm ci` does. */
  build(): Promise<unknown> {
    return promisify(execFile)('npm', ['run', '--silent', 'build'], { cwd: this.root });
  }

  bundle(): Promise<unknown> {
    return promisify(execFile)(process.execPath, BUNDLE, { cwd: this.root });
  }

  /** The name of the bundle that the command starts. */
  current(): string {
    return readFileSync(join(this.bundles, 'current'), 'utf8');
  }

  /** Renames in all sources what most modules import: parts of two builds can do nothing with each other. */
  changeSources(name: string, newName: string): void {
    for (const file of readdirSync(join(this.root, 'engine'), { recursive: true, encoding: 'utf8' })) {
      const path = join(this.root, 'engine', file);
      if (!/\.c?ts$/.test(file)) continue;
      const text = readFileSync(path, 'utf8');
      writeFileSync(path, text.replaceAll(new RegExp(`\\b${name}\\b`, 'g'), newName));
    }
  }

  async expectToStart(): Promise<void> {
    const cwd = temporaryFolder();
    const playbook = join(this.root, 'playbooks', 'database-corruption.yaml');
    expect(await drillbook(['check', playbook], { cwd, main: this.main })).toMatchObject({ exitCode: 0 });
  }
}
