import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { loadEnvironment } from '../../load/environment.ts';
import type { Environment } from '../../model/environment.ts';
import type { Event, SourceText } from '../../model/event.ts';
import { hasWorked } from '../../model/worked.ts';
import type { World } from '../../sandbox/world.ts';
import { SourceFile } from '../../source/file.ts';
import { CommandError, EXIT } from '../exit.ts';
import { invocation } from '../invocation.ts';
import { expectLoaded } from '../loading.ts';
import { lastWorld } from './last-world.ts';
import type { FileWorld } from './request.ts';
import type { Session } from './session.ts';

export interface OpenWorld {
  readonly world: World;
  readonly environment: Environment;
}

/**
 * The sandbox of a run: the one it has, or a new one. A world in which the run has not worked
 * yet holds nothing worth keeping, so a run that died that early gets a fresh one. `file`: what describes it;
 * `endsWithStarter`: it does not outlive this process.
 */
export async function openWorld(
  session: Session,
  file: FileWorld | undefined,
  endsWithStarter = false,
): Promise<OpenWorld> {
  const { attachWorld, startWorld } = await import('../../sandbox/world.ts');
  const { WorldNotStarted } = await import('../../sandbox/launch.ts');
  const started = lastWorld(session.events);
  const world = started === undefined ? undefined : await attachWorld(started.address);
  if (started !== undefined && hasWorked(session.events)) {
    if (world === undefined) throw new WorldGone(session.runId);
    return { world, environment: await environmentOf(started.environment) };
  }
  await world?.stop();
  if (file === undefined) throw withoutFile(session.runId);
  const journal = session.store.journalFile(session.runId);
  const fresh = await startWorld({
    owner: session.store.folder(session.runId),
    ...(journal !== undefined && { journal }),
    endsWithStarter,
    signal: session.interrupts.pause,
    log: (line) => session.screen.tell(line),
    plan: file.plan(),
  }).catch((error: unknown) => {
    if (!(error instanceof WorldNotStarted)) throw error;
    throw new CommandError(error.message, {
      exitCode: EXIT.failed,
      hint: `Nothing was broken, and nothing is left of it. ${invocation('resume')} tries once more.`,
    });
  });
  const environment = sourceText('environment', 'sandbox.yaml', await fresh.environmentText());
  session.screen.tell('');
  await session.open.journal.append({ type: 'world.started', address: fresh.address, environment });
  return { world: fresh, environment: await environmentOf(environment) };
}

/** Earlier versions had worlds without a file. */
const withoutFile = (run: string): CommandError =>
  new CommandError(`run ${run} does not say of what its sandbox was made: another version began it`, {
    exitCode: EXIT.invalid,
    hint: `Nothing was changed. ${invocation(`abandon ${run}`)} ends it; then start another drill.`,
  });

/** Why the sandbox of a run that has ended could not be removed, if so. */
export const removeWorld = (world: World | undefined): Promise<string | undefined> =>
  removed(async () => world?.stop());

async function removed(end: () => Promise<void>): Promise<string | undefined> {
  try {
    await end();
    return undefined;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return `The sandbox could not be removed: ${why}. The next drill removes what is left of it.`;
  }
}

/** The same for a run of which only the journal is known. */
export async function removeWorldOf(history: readonly Event[]): Promise<string | undefined> {
  const started = lastWorld(history);
  if (started === undefined) return undefined;
  const { endWorld } = await import('../../sandbox/world.ts');
  return removed(() => endWorld(started.address));
}

/**
 * The world has vanished in which the run had worked (it was killed, a reboot, a cleaned temporary folder): what it
 * held cannot be brought back. `stopped`: what came of it in the run.
 */
export class WorldGone extends CommandError {
  constructor(run: string, stopped?: unknown) {
    const what = stopped instanceof Error ? ` (${stopped.message})` : '';
    super(`the sandbox of this run is gone, so the run cannot go on${what}`, {
      exitCode: EXIT.failed,
      hint: `Its journal and report stay. ${invocation('abandon RUN')} ends it; then start another drill.`,
    });
  }
}

/** An environment as the journal holds it; `sources`: those that it reads from. */
export async function environmentOf(
  recorded: SourceText,
  sources: readonly SourceText[] = [],
): Promise<Environment> {
  const file = new SourceFile(recorded.path, recorded.text);
  const find = (name: string): Promise<SourceFile | undefined> => {
    const found = sources.find(({ path }) => basename(path) === `${name}.yaml`);
    return Promise.resolve(found === undefined ? undefined : new SourceFile(found.path, found.text));
  };
  return expectLoaded(await loadEnvironment(file, find), file);
}

export function sourceText(role: SourceText['role'], path: string, text: string): SourceText {
  return { role, path, text, sha256: createHash('sha256').update(text).digest('hex') };
}
