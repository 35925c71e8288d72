import { access, constants, readdir } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';

/** A program of another project, and what to install where it is missing. */
export interface Program {
  /** The package of Debian and Ubuntu. */
  readonly debian: string;
  /** Homebrew's formula, where macOS does not bring the program. */
  readonly brew?: string;
  /** What the package brings when that is no program: a file of a library. */
  readonly file?: string;
}

/** Where Debian and Ubuntu keep the libraries of Python. */
export const DEBIAN_PYTHON = '/usr/lib/python3/dist-packages';

/** Where Debian and Ubuntu keep the libraries of this kind of machine. */
const DEBIAN_LIBRARIES = `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`;

/**
 * Every program of others that drillbook or its tests start: the one table for `doctor`, for the errors
 * of steps, for the tests that are skipped without it, and for `npm run setup`.
 */
export const PROGRAMS = {
  // What steps start.
  bash: { debian: 'bash' },
  ssh: { debian: 'openssh-client' },
  'ssh-keygen': { debian: 'openssh-client' },
  pg_dump: { debian: 'postgresql-client', brew: 'libpq' },
  pg_restore: { debian: 'postgresql-client', brew: 'libpq' },
  // What worlds start.
  mount: { debian: 'mount' },
  umount: { debian: 'mount' },
  // What tests start besides.
  pg_basebackup: { debian: 'postgresql-client', brew: 'libpq' },
  barman: { debian: 'barman', brew: 'barman' },
  ps: { debian: 'procps' },
  dash: { debian: 'dash' },
  zsh: { debian: 'zsh' },
  ksh: { debian: 'ksh' },
  perl: { debian: 'perl' },
  jq: { debian: 'jq' },
  aws: { debian: 'awscli', brew: 'awscli' },
  curl: { debian: 'curl' },
  git: { debian: 'git' },
  openssl: { debian: 'openssl' },
  python3: { debian: 'python3' },
  'python3-dateutil': { debian: 'python3-dateutil', file: `${DEBIAN_PYTHON}/dateutil/rrule.py` },
  prlimit: { debian: 'util-linux' },
  setpriv: { debian: 'util-linux' },
  unshare: { debian: 'util-linux' },
  'redis-server': { debian: 'redis-server' },
  'python3-django': { debian: 'python3-django', file: `${DEBIAN_PYTHON}/django/__init__.py` },
  'python3-psycopg2': { debian: 'python3-psycopg2', file: `${DEBIAN_PYTHON}/psycopg2/__init__.py` },
  'python3-boto3': { debian: 'python3-boto3', file: `${DEBIAN_PYTHON}/boto3/__init__.py` },
  'python3-celery': { debian: 'python3-celery', file: `${DEBIAN_PYTHON}/celery/__init__.py` },
  'python3-redis': { debian: 'python3-redis', file: `${DEBIAN_PYTHON}/redis/__init__.py` },
  'python3-gunicorn': { debian: 'gunicorn', file: `${DEBIAN_PYTHON}/gunicorn/__init__.py` },
  'python3-prometheus-client': {
    debian: 'python3-prometheus-client',
    file: `${DEBIAN_PYTHON}/prometheus_client/openmetrics/parser.py`,
  },
  libfaketime: { debian: 'libfaketime', file: `${DEBIAN_LIBRARIES}/faketime/libfaketimeMT.so.1` },
  sshd: { debian: 'openssh-server' },
  radosgw: { debian: 'radosgw' },
  ceph: { debian: 'ceph-common' },
  'ceph-mon': { debian: 'ceph-mon' },
  'ceph-osd': { debian: 'ceph-osd' },
  'ceph-mgr': { debian: 'ceph-mgr' },
  chromium: { debian: 'chromium' },
} as const satisfies Readonly<Record<string, Program>>;

export type ProgramName = keyof typeof PROGRAMS;

/** Where Debian keeps what only root is thought to start; not on the path of others. */
const FOR_ROOT = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** Where Debian and Ubuntu keep one folder per major version of PostgreSQL. */
export const DEBIAN_POSTGRES = '/usr/lib/postgresql';

/** The file of a program, or undefined where this machine has none. */
export async function findProgram(name: ProgramName): Promise<string | undefined> {
  const { file: known }: Program = PROGRAMS[name];
  if (known !== undefined) return (await isThere(known)) ? known : undefined;
  return await findIn(
    name.startsWith('pg_') ? await postgresFolders() : [...pathFolders(), ...FOR_ROOT],
    name,
  );
}

/** The file of any program on the path, as whoever starts it by its name would find it. */
export const findOnPath = (name: string): Promise<string | undefined> =>
  findIn(programPath().split(delimiter), name);

async function findIn(folders: readonly string[], name: string): Promise<string | undefined> {
  for (const folder of folders) {
    const file = join(folder, name);
    if (await isExecutable(file)) return file;
  }
  return undefined;
}

/** Where PostgreSQL's programs can lie: PG_BINDIR first, then the path, then Debian's folders. */
export async function postgresFolders(): Promise<readonly string[]> {
  const versions = await readdir(DEBIAN_POSTGRES).catch(() => []);
  const debian = versions.map((version) => join(DEBIAN_POSTGRES, version, 'bin'));
  const chosen = process.env['PG_BINDIR'] ?? '';
  return [...new Set([...(chosen === '' ? [] : [chosen]), ...pathFolders(), ...debian])];
}

/** How to install a program, without a full stop; undefined for one that the table does not know. */
export function howToInstall(name: ProgramName): string;
export function howToInstall(name: string): string | undefined;
export function howToInstall(name: string): string | undefined {
  const program = (PROGRAMS as Readonly<Record<string, Program>>)[name];
  if (program === undefined) return undefined;
  const others = program.brew === undefined ? '' : `, "brew install ${program.brew}" on macOS`;
  return `"apt install ${program.debian}" on Debian and Ubuntu${others}`;
}

/** Where programs of a world are looked for: on the path, and at last beside the Node.js that runs this. */
export const programPath = (): string => [...pathFolders(), dirname(process.execPath)].join(delimiter);

const pathFolders = (): readonly string[] =>
  (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');

const isExecutable = (file: string): Promise<boolean> => isThere(file, constants.X_OK);

const isThere = (file: string, mode?: number): Promise<boolean> =>
  access(file, mode).then(
    () => true,
    () => false,
  );
