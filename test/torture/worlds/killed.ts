import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { JsonObject } from '../../../engine/base/json.ts';
import { createFolderStore } from '../../../engine/journal/folder-store.ts';
import { Redactor } from '../../../engine/journal/redact.ts';
import type { Store } from '../../../engine/journal/store.ts';
import type { Event } from '../../../engine/model/event.ts';
import { inFolder, readObject } from '../../../engine/sandbox/ground/folder.ts';
import type { Finished, Running } from '../../rig/drillbook.ts';
import { drillbook, startDrillbook } from '../../rig/drillbook.ts';
import { FakeClock } from '../../rig/fake-clock.ts';
import type { Dice } from '../../rig/mutation.ts';
import { until } from '../../sandbox/rig.ts';
import { processesAt } from './remains.ts';
import type { Tally } from './tally.ts';
import { tallyOf } from './tally.ts';
import type { Desk } from './victims.ts';
import { killIfThere, killPart, startPart } from './victims.ts';

const PLAYBOOKS = join(import.meta.dirname, 'folder');
/** More lives than any case needs. */
const MOST_LIVES = 8;

export type Victim = 'drillbook' | 'part' | 'world';

/** When a victim is killed: as soon as the world tells that it starts so many parts, or that event is durable. */
export type Moment = { readonly part: number } | { readonly event: number };

export interface Ending {
  /** How the run ended; `gone`: its world is, so that it could not go on, said so, and was given up. */
  readonly outcome: string;
  /** What it failed for, where it did. */
  readonly reason: string | undefined;
  /** How many processes of drillbook it took. */
  readonly lives: number;
  /** How many steps it began, each try counted. */
  readonly steps: number;
  /** How many events it had. */
  readonly events: number;
  /** The numbers of those after which a deploy goes on at Render. */
  readonly inDeploys: readonly number[];
  readonly tally: Tally;
  /** How many rows are lost that the writer of the world had confirmed; or the run says that nobody counted. */
  readonly lost: number | 'uncounted';
  /** Processes and folders that outlived it. */
  readonly left: readonly string[];
  /** What was done and said, for whoever looks for a cause. */
  readonly story: string;
}

/** The drill of a world as it goes when nothing is killed. */
export const whole = (world: string): Promise<Ending> =>
  inFolderOfItsOwn(world, (run) => run.live((first) => first.finished));

/** The same, when a victim is killed at that moment: it is gone on with until it has ended. */
export const killed = (world: string, victim: Victim, moment: Moment, dice: Dice): Promise<Ending> =>
  inFolderOfItsOwn(world, (run) => run.dieAt(victim, moment, dice));

async function inFolderOfItsOwn(world: string, live: (run: Run) => Promise<void>): Promise<Ending> {
  const folder = await mkdtemp(join(tmpdir(), 'drillbook-killed-'));
  try {
    const temporary = join(folder, 'temporary');
    await mkdir(temporary);
    // The servers may run as another account, which has to come through.
    for (const each of [folder, temporary]) await chmod(each, 0o711);
    const run = new Run(world, folder, temporary);
    await live(run);
    return await run.ending();
  } finally {
    for (const { pid } of await processesAt(folder)) killIfThere(pid);
    await rm(folder, { recursive: true, force: true });
  }
}

/** One run with all of its lives. Its world's folder and all that it starts lie below one folder for temporary files. */
class Run {
  readonly #world: string;
  readonly #folder: string;
  readonly #temporary: string;
  #events: readonly Event[] = [];
  readonly #story: string[] = [];
  #lives = 0;
  #isGone = false;

  constructor(world: string, folder: string, temporary: string) {
    this.#world = world;
    this.#folder = folder;
    this.#temporary = temporary;
  }

  /** Its first life. */
  async live(during: (first: Running) => Promise<unknown>): Promise<void> {
    const world = this.#world;
    const args = ['drill', `tally-${world}`, '--json', '--world', world, '--playbooks', PLAYBOOKS];
    const first = startDrillbook(args, this.#place);
    await during(first);
    await this.#read(await first.finished);
  }

  async dieAt(victim: Victim, moment: Moment, dice: Dice): Promise<void> {
    let part: string | undefined;
    await this.live(async (first) => {
      if ('part' in moment) await this.#partStarts(moment.part);
      else await first.line(new RegExp(`"seq":${moment.event},`));
      if (victim === 'drillbook') first.process.kill('SIGKILL');
      else if (victim === 'world') await this.#killWorld();
      else part = await killPart(await this.#address(), dice);
    });
    while (this.#outcome === undefined) {
      if (this.#lives === MOST_LIVES) throw new Error(`it does not end:\n${this.#story.join('\n')}`);
      if (part !== undefined) await startPart(this.#environment, part);
      await this.#goOn();
    }
  }

  async ending(): Promise<Ending> {
    const counted = this.#events.find((event) => event.type === 'loss.counted');
    return {
      outcome: this.#outcome ?? 'none',
      reason: this.#finished?.reason,
      lives: this.#lives,
      steps: this.#events.filter(({ type }) => type === 'step.started').length,
      events: this.#events.length,
      inDeploys: this.#events.flatMap((event) =>
        'key' in event && event.key.startsWith('deploy[') && event.type !== 'step.finished'
          ? [event.seq]
          : [],
      ),
      tally: tallyOf(this.#events),
      lost: counted?.lost ?? 'uncounted',
      left: await this.#left(),
      story: this.#story.join('\n'),
    };
  }

  get #store(): Store {
    const root = join(this.#folder, '.drillbook');
    return createFolderStore(root, { clock: new FakeClock(), redactor: new Redactor() });
  }

  get #place() {
    return { cwd: this.#folder, env: { TMPDIR: this.#temporary } };
  }

  get #id(): string {
    const started = this.#events.find((event) => event.type === 'run.started');
    return started?.run ?? '';
  }

  get #finished() {
    return this.#events.find((event) => event.type === 'run.finished');
  }

  get #outcome(): string | undefined {
    return this.#isGone ? 'gone' : this.#finished?.outcome;
  }

  async #goOn(): Promise<void> {
    const answers = join(this.#folder, 'answers.json');
    await writeFile(answers, JSON.stringify(this.#answers()));
    await this.#read(await drillbook(['resume', '--json', '--answers', answers], this.#place));
  }

  /** To the question that the last life ended with, the truth: whether it happened the guard has said before it is asked. */
  #answers(): JsonObject {
    const last = this.#events.findLast(
      ({ type }) => type === 'step.inDoubt' || type === 'step.attemptFailed',
    );
    if (last?.type === 'step.attemptFailed') return { [`onFailure/${last.key}`]: 'retry' };
    const isAsked = last?.type === 'step.inDoubt' && last.verdict === 'unknown';
    return isAsked ? { [`onFailure/${last.key}`]: 'notHappened' } : {};
  }

  /** What a life wrote and said. A run that cannot go on is given up. */
  async #read({ stderr, exitCode, signal }: Finished): Promise<void> {
    // One that was killed may have written more than it told: even that the run had ended.
    const [run] = await this.#store.list();
    if (run !== undefined) this.#events = await this.#store.read(run);
    this.#lives += 1;
    this.#story.push(
      `life ${this.#lives}: ${this.#events.length} events by then, ended with ${exitCode ?? signal ?? ''}`,
      stderr,
    );
    if (!stderr.includes('the sandbox of this run is gone')) return;
    this.#isGone = true;
    const { exitCode: abandoned } = await drillbook(['abandon', this.#id], this.#place);
    if (abandoned !== 0) throw new Error('it cannot be given up');
  }

  /** Resolves when the world's log tells that it starts its part of that number. */
  async #partStarts(number: number): Promise<void> {
    const told = async (): Promise<number> => {
      const folder = await this.#worldFolder();
      const log = folder === undefined ? '' : await readFile(inFolder(folder).log, 'utf8').catch(() => '');
      return log.split('\n').filter((line) => line.includes(' starts (')).length;
    };
    await until(`part ${number} starts`, told, (count) => count >= number);
  }

  async #worldFolder(): Promise<string | undefined> {
    const name = (await readdir(this.#temporary)).find((each) => each.startsWith('drillbook-world-'));
    return name === undefined ? undefined : join(this.#temporary, name);
  }

  async #killWorld(): Promise<void> {
    const folder = await this.#worldFolder();
    const found = folder === undefined ? [] : await processesAt(folder);
    for (const { pid, command } of found) if (command.includes('sandbox.main')) killIfThere(pid);
  }

  async #address(): Promise<JsonObject | undefined> {
    const folder = await this.#worldFolder();
    return folder === undefined ? undefined : await readObject(inFolder(folder).address);
  }

  get #environment(): Desk {
    const started = this.#events.findLast((event) => event.type === 'world.started');
    return parse(started?.environment.text ?? '') as Desk;
  }

  /** What is not gone in time. */
  async #left(): Promise<readonly string[]> {
    const look = async (): Promise<readonly string[]> => [
      ...(await processesAt(this.#temporary)).map(({ command }) => command),
      ...(await readdir(this.#temporary)),
    ];
    return await until('nothing is left', look, ({ length }) => length === 0).catch(look);
  }
}
