import { execFileSync } from 'node:child_process';

/** Builds `dist/` once before the tests, as `npm ci` does; incremental, so it costs little when nothing changed. */
export default function build(): void {
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
}
