import { access } from 'node:fs/promises';
import type { Instance } from '../../render/service.ts';
import type { Project } from './project.ts';
import { RunningProgram } from './running.ts';

type Environment = ReadonlyMap<string, string>;

/** A copy of the worker: Celery, with its scheduler. It is up when it has connected to the queue. */
export async function startWorker(
  project: Project,
  environment: Environment,
  name: string,
): Promise<Instance> {
  const readyFile = project.file('celery-ready');
  const program = project.program(
    [
      ...['-m', 'celery', '--app', 'peakops', 'worker', '--beat', '--concurrency', '1'],
      ...['--hostname', `celery@${name}`, '--schedule', project.file('celery-schedule')],
    ],
    { ...Object.fromEntries(environment), READY_FILE: readyFile },
    project.file('celery.log'),
  );
  return await RunningProgram.start(program, () => isMissing(readyFile));
}

/** What writes besides, as a cron job would. */
export async function startDigests(project: Project, environment: Environment): Promise<Instance> {
  const program = project.program(
    ['manage.py', 'send_digests'],
    Object.fromEntries(environment),
    project.file('digests.log'),
  );
  return await RunningProgram.start(program, () => Promise.resolve(undefined));
}

const isMissing = (file: string): Promise<string | undefined> =>
  access(file).then(
    () => undefined,
    () => 'the worker has not said that it is ready',
  );
