import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ProgramName } from '../../../base/programs.ts';
import { findProgram, howToInstall } from '../../../base/programs.ts';
import { inFolder } from '../../ground/folder.ts';
import { markOf } from '../../ground/marked.ts';
import { Program } from '../../ground/program.ts';
import { messageOf } from '../../ground/text.ts';
import type { Place } from '../application.ts';

const SOURCES = fileURLToPath(new URL('../../../../playbooks/worlds/peakops-django/', import.meta.url));
/** The libraries are Debian's, which its own Python finds. */
const PYTHON = '/usr/bin/python3';
const NEEDED: readonly ProgramName[] = [
  ...(['python3-django', 'python3-psycopg2', 'python3-boto3'] as const),
  ...(['python3-celery', 'python3-redis', 'python3-gunicorn'] as const),
];
const COMMAND_MS = 60_000;

type Variables = Readonly<Record<string, string>>;

/** The sources of PeakOps in Python, and how its programs are started for a world. */
export class Project {
  readonly #worldFolder: string;
  readonly #onClose: Place['onClose'];
  #started = 0;

  private constructor({ folder, onClose }: Place) {
    this.#worldFolder = folder;
    this.#onClose = onClose;
  }

  /** Rejects in words where this machine lacks a library. */
  static async open(place: Place): Promise<Project> {
    const found = await Promise.all(NEEDED.map(findProgram));
    const missing = NEEDED.filter((_, index) => found[index] === undefined);
    if (missing.length > 0) {
      throw new Error(
        `PeakOps in Django needs ${missing.join(', ')}, which this machine lacks: ` +
          missing.map((name) => howToInstall(name)).join('; '),
      );
    }
    await mkdir(inFolder(place.folder).parts, { recursive: true });
    return new Project(place);
  }

  /** A file of this world that nobody else uses. */
  file(name: string): string {
    this.#started += 1;
    return join(inFolder(this.#worldFolder).parts, `${name}-${String(this.#started)}`);
  }

  /** A program of the project, which ends with the world; `log` is where it prints to. */
  program(args: readonly string[], variables: Variables, log: string): Program {
    const program = new Program({
      ...{ command: [PYTHON, ...args], cwd: SOURCES, env: withPython(variables), log },
      worldFolder: this.#worldFolder,
    });
    this.#onClose(() => program.stop());
    return program;
  }

  /** A command of `manage.py`, to its end. Rejects with what it printed when it fails. */
  async manage(args: readonly string[], variables: Variables): Promise<void> {
    const env = { PATH: process.env['PATH'], ...withPython(variables), ...markOf(this.#worldFolder) };
    try {
      await promisify(execFile)(PYTHON, ['manage.py', ...args], { cwd: SOURCES, env, timeout: COMMAND_MS });
    } catch (error) {
      throw new Error(`manage.py ${args.join(' ')}: ${messageOf(error)}`, { cause: error });
    }
  }
}

/** The package's folder may belong to somebody else: nothing is written there. */
const withPython = (variables: Variables): Variables => ({ ...variables, PYTHONDONTWRITEBYTECODE: '1' });
