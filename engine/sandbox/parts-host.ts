import { mkdir, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { stringify } from 'yaml';
import type { JsonObject } from '../base/json.ts';
import { isJsonObject } from '../base/json.ts';
import { lackOfPostgres } from '../base/postgres-here.ts';
import type { ValueMap } from '../base/value.ts';
import type { PartPlan, WorldPlan } from '../model/world.ts';
import { namesPort, neededBy } from '../model/world.ts';
import type { Injection } from './faults/fault.ts';
import { fillIn } from './fill-in.ts';
import { Authority } from './ground/authority.ts';
import { inFolder, secretFile } from './ground/folder.ts';
import type { Loss } from './ground/loss.ts';
import { lossOf } from './ground/loss.ts';
import { endMarked } from './ground/marked.ts';
import { reservePort } from './ground/port.ts';
import { Links } from './network/links.ts';
import { breakPartOf } from './part-faults.ts';
import { startOf } from './part-kinds.ts';
import type { Nameable } from './part-names.ts';
import { meaningInEnvironment, meaningInPart } from './part-names.ts';
import { PartsDesk } from './parts-desk.ts';
import type { Part, PartContext, PartLedger } from './parts/part.ts';
import { install } from './postgres/installation.ts';
import type { Installation } from './postgres/installation.ts';

const BASELINE_TIMEOUT_MS = 20_000;
const POLL_MS = 50;

interface HostOptions {
  /** Progress, for whoever waits. */
  readonly report: (line: string) => void;
  /** What happens behind the scenes. */
  readonly log: (line: string) => void;
}

/** A world, in its own process: its parts, and what can be asked of them as a whole. */
export class PartsHost {
  readonly #folder: string;
  readonly #plan: WorldPlan;
  readonly #options: HostOptions;
  readonly #closers: (() => Promise<void>)[] = [];
  readonly #parts = new Map<string, Part>();
  readonly #desk = new PartsDesk(this.#parts);
  #authority: Promise<Authority> | undefined;
  readonly #installations = new Map<number | undefined, Promise<Installation>>();
  #environmentText = '';
  #stopping = false;

  constructor(folder: string, plan: WorldPlan, options: HostOptions) {
    this.#folder = folder;
    this.#plan = plan;
    this.#options = options;
  }

  /** Builds it. When that fails half-way, `stop` ends what was started. */
  async start(): Promise<void> {
    for (const { id, postgres } of this.#plan.parts) {
      const lack = postgres === undefined ? undefined : lackOfPostgres(postgres);
      if (lack !== undefined) throw new Error(`the part ${id}: ${lack.what}. ${lack.hint}`);
    }
    const { parts, secrets } = inFolder(this.#folder);
    await mkdir(parts, { mode: 0o700 });
    await mkdir(secrets, { mode: 0o700 });
    this.#closers.push(() => this.#desk.close());
    await this.#desk.open();
    await this.#startParts();
    await this.#keepSecrets();
    const made = fillIn(this.#plan.environment, meaningInEnvironment(this.#nameable));
    this.#environmentText = stringify({
      ...{ version: 1, name: 'sandbox', kind: 'sandbox' },
      policy: { typedNames: 'never', allowScripts: true },
      ...(isJsonObject(made) && made),
    });
  }

  /** The environment that it makes, as it was when the world began. */
  environmentText(): string {
    return this.#environmentText;
  }

  /** Resolves when it is worth breaking. */
  async baseline(): Promise<void> {
    const deadline = performance.now() + BASELINE_TIMEOUT_MS;
    for (;;) {
      const trouble = await this.#trouble();
      if (trouble === undefined) break;
      if (performance.now() > deadline) throw new Error(`the world is not healthy: ${trouble}`);
      await delay(POLL_MS);
    }
    for (const part of this.#parts.values()) await part.settle?.();
  }

  /** Breaks it: where `part` is given, that part. Rejects, with nothing broken, what cannot be done. */
  async inject(uses: string, args: ValueMap, part?: string): Promise<Injection> {
    return await breakPartOf(uses, args, { plan: this.#plan, parts: this.#parts, part });
  }

  /** What was acknowledged against what is held now. Rejects when that cannot be told. */
  async loss(): Promise<Loss> {
    const ledgers = this.#ledgers;
    if (ledgers.length === 0) {
      throw new Error(
        `the world ${this.#plan.name} has no part of the kind writer, so nobody knows what it had`,
      );
    }
    return await lossIn(ledgers.filter((ledger) => ledger.of === 'rows'));
  }

  /** The same of uploads; undefined in a world where nobody uploads. */
  async lostUploads(): Promise<Loss | undefined> {
    const ledgers = this.#ledgers.filter((ledger) => ledger.of === 'uploads');
    return ledgers.length === 0 ? undefined : await lossIn(ledgers);
  }

  state(): JsonObject {
    return {
      world: this.#plan.name,
      parts: Object.fromEntries(Array.from(this.#parts, ([id, part]) => [id, part.state()])),
    };
  }

  /** Ends every part. A start that is under way fails at its next step. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) await close();
    await this.#desk.idle();
    // What a program started and let go of.
    await endMarked(this.#folder);
  }

  get #ledgers(): readonly PartLedger[] {
    return Array.from(this.#parts.values(), ({ ledger }) => ledger).filter((one) => one !== undefined);
  }

  get #nameable(): Nameable {
    return { folder: this.#folder, parts: this.#parts, desk: this.#desk };
  }

  /** Each as soon as those that it names or needs have been started. None is left half-way when this rejects. */
  async #startParts(): Promise<void> {
    const starts = new Map<string, Promise<void>>();
    for (const plan of this.#plan.parts) {
      const needed = neededBy(plan).flatMap((id) => starts.get(id) ?? []);
      starts.set(
        plan.id,
        Promise.all(needed).then(() => this.#startPart(plan)),
      );
    }
    const results = await Promise.allSettled(starts.values());
    const failed = results.find((result) => result.status === 'rejected');
    if (failed === undefined) return;
    throw failed.reason instanceof Error ? failed.reason : new Error(String(failed.reason));
  }

  async #startPart(plan: PartPlan): Promise<void> {
    if (this.#stopping) throw new Error('the world was stopped while it started');
    this.#options.report(`${plan.id} starts (${plan.uses})`);
    const port = await reservePort();
    const start = await startOf(plan.uses);
    const context = this.#contextOf(plan, port);
    if (plan.faults.includes('network.partition')) {
      context.onClose(() => context.links.close());
      await context.links.open(plan.with, (id) => context.part(id).members);
    }
    const part = await start(context.argsAt(port), context);
    this.#parts.set(plan.id, part);
  }

  #contextOf(plan: PartPlan, port: number): PartContext {
    return {
      id: plan.id,
      folder: this.#plan.folder,
      worldFolder: this.#folder,
      log: this.#options.log,
      port,
      namesPort: namesPort(plan.with),
      argsAt: (at) => {
        const args = fillIn(plan.with, meaningInPart(plan.id, this.#nameable, at));
        return isJsonObject(args) ? args : {};
      },
      authority: () => (this.#authority ??= Authority.make(inFolder(this.#folder).authority)),
      links: new Links(plan.id),
      installation: (version) => this.#install(version),
      part: (id) => {
        const part = this.#parts.get(id);
        if (part === undefined) throw new Error(`the part ${id} has not been started`);
        return part;
      },
      onClose: (close) => this.#closers.push(close),
    };
  }

  #install(version: number | undefined): Promise<Installation> {
    const known = this.#installations.get(version);
    if (known !== undefined) return known;
    const made = install(this.#folder, this.#options.log, version);
    this.#installations.set(version, made);
    return made;
  }

  /** Each in a file of its own, which the environment names. */
  async #keepSecrets(): Promise<void> {
    const keep = (whose: string, member: string, secret: string): Promise<void> =>
      writeFile(secretFile(this.#folder, whose, member), secret, { mode: 0o600 });
    await keep('desk', 'token', this.#desk.token);
    for (const [id, { members }] of this.#parts) {
      for (const [member, { value, secret }] of Object.entries(members)) {
        if (secret === true && typeof value === 'string') await keep(id, member, value);
      }
    }
  }

  async #trouble(): Promise<string | undefined> {
    for (const [id, part] of this.#parts) {
      const trouble = await part.trouble();
      if (trouble !== undefined) return `${id}: ${trouble}`;
    }
    return undefined;
  }
}

async function lossIn(ledgers: readonly PartLedger[]): Promise<Loss> {
  const lists = await Promise.all(ledgers.map((ledger) => ledger.compare()));
  return lossOf(lists.flat(), ({ kept }) => kept);
}
