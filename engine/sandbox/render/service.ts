import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { CustomDomain } from './custom-domain.ts';
import { renderId } from './ids.ts';
import { REGION } from './region.ts';

/** How long the steps of a deploy and a suspension take: enough to be seen by a poll, too short to wait for. */
const BUILD_MS = 400;
const UPDATE_MS = 300;
const SUSPEND_MS = 200;
/** A new instance that is not healthy by then is not switched to. Render gives it 15 minutes. */
const HEALTHY_WITHIN_MS = 5000;

/** A deployed copy of a program. */
export interface Instance {
  /** Rejects while the instance is not healthy. */
  check(): Promise<void>;
  /** It takes over: from now on it does its work. */
  serve(): void;
  stop(): Promise<void>;
}

export type DeployTrigger = 'api' | 'service_resumed' | 'deployed_by_render';

export interface Deploy {
  readonly id: string;
  readonly trigger: DeployTrigger;
  readonly createdAt: Date;
  readonly commit: string;
  status:
    | 'created'
    | 'build_in_progress'
    | 'update_in_progress'
    | 'live'
    | 'deactivated'
    | 'update_failed'
    | 'canceled';
  startedAt?: Date;
  finishedAt?: Date;
  updatedAt: Date;
}

export interface ServiceOptions<I extends Instance> {
  readonly name: string;
  readonly type: 'web_service' | 'background_worker';
  readonly environment: Readonly<Record<string, string>>;
  readonly region?: string;
  /** It was deployed once and does not run, until it is resumed. */
  readonly suspended?: boolean;
  /** What runs already: its deploy is live. */
  readonly live?: I;
  /** What is deployed. */
  readonly commit?: string;
  /** As the provider was told. */
  readonly startCommand: string;
  readonly start: (environment: ReadonlyMap<string, string>) => Promise<I>;
}

export interface MaintenanceMode {
  readonly enabled: boolean;
  /** Of the page to show; empty for Render's own. */
  readonly uri: string;
}

/** The newest commit of the branch. */
const HEAD = '5f0c5e1d9a7b4c3e8f2a6d1b0c9e8f7a6b5c4d3e';

/** A service at Render: variables, deploys, and whether it is suspended. */
export class Service<I extends Instance = Instance> {
  readonly id = renderId('srv');
  readonly name: string;
  readonly type: 'web_service' | 'background_worker';
  readonly region: string;
  readonly createdAt = new Date();
  readonly commit: string;
  readonly startCommand: string;
  /** As set; a running instance has those of its deploy. */
  readonly environment: Map<string, string>;
  /** Names of one's own that lead here, by name. */
  readonly domains = new Map<string, CustomDomain>();
  /** Newest last. */
  readonly deploys: Deploy[] = [];
  readonly #start: ServiceOptions<I>['start'];
  /** Where a web service is reached, once it is published. */
  url = '';
  #suspended: boolean;
  #maintenance: MaintenanceMode = { enabled: false, uri: '' };
  #updatedAt = new Date();
  #running: I | undefined;
  #liveEnvironment: ReadonlyMap<string, string>;
  /** Deploys and suspensions happen one after another. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: ServiceOptions<I>) {
    this.name = options.name;
    this.type = options.type;
    this.region = options.region ?? REGION;
    this.environment = new Map(Object.entries(options.environment));
    this.#liveEnvironment = new Map(this.environment);
    this.#suspended = options.suspended ?? false;
    this.#start = options.start;
    this.commit = options.commit ?? HEAD;
    this.startCommand = options.startCommand;
    this.#running = options.live;
    if (this.#suspended) this.deploys.push(this.#earlierDeploy('deactivated'));
    else if (options.live !== undefined) this.deploys.push(this.#earlierDeploy('live'));
  }

  get suspended(): boolean {
    return this.#suspended;
  }

  /** While it is enabled the public is told that there is maintenance; the service itself runs on. */
  get maintenance(): MaintenanceMode {
    return this.#maintenance;
  }

  setMaintenance(mode: MaintenanceMode): void {
    this.#maintenance = mode;
    this.#touch();
  }

  get updatedAt(): Date {
    return this.#updatedAt;
  }

  /** The instance that serves; undefined while suspended, and before the first deploy is live. */
  get running(): I | undefined {
    return this.#running;
  }

  /** The variables of the newest deploy that went live. */
  get liveEnvironment(): ReadonlyMap<string, string> {
    return this.#liveEnvironment;
  }

  setVariable(key: string, value: string | undefined): string {
    const text = value ?? randomBytes(32).toString('base64');
    this.environment.set(key, text);
    this.#touch();
    return text;
  }

  replaceVariables(variables: ReadonlyMap<string, string>): void {
    this.environment.clear();
    for (const [key, value] of variables) this.environment.set(key, value);
    this.#touch();
  }

  /** Resolves when it is suspended. A deploy that is under way ends first. */
  async suspend(): Promise<void> {
    await this.#enqueue(async () => {
      await delay(SUSPEND_MS);
      this.#suspended = true;
      this.#touch();
      await this.#stopRunning();
    });
  }

  /** Lifts the suspension; the deploy that follows starts the service. */
  resume(): Deploy {
    this.#suspended = false;
    this.#touch();
    return this.deploy('service_resumed', true);
  }

  /** Queues a deploy with the variables as they are when it starts. */
  deploy(trigger: DeployTrigger, skipBuild: boolean): Deploy {
    const createdAt = new Date();
    const deploy: Deploy = {
      id: renderId('dep'),
      trigger,
      createdAt,
      commit: this.commit,
      updatedAt: createdAt,
      status: 'created',
    };
    this.deploys.push(deploy);
    void this.#enqueue(() => this.#carryOut(deploy, skipBuild));
    return deploy;
  }

  /** The same deploy once more: with its variables, not with those set since. */
  restart(): void {
    void this.#enqueue(async () => {
      const instance = this.#suspended ? undefined : await this.#startHealthy(this.#liveEnvironment);
      if (instance !== undefined) await this.#switchTo(instance);
    });
  }

  /** Resolves when nothing is under way any more. */
  async whenDone(): Promise<void> {
    await this.#queue;
  }

  /** For the end of the world: no deploy comes after it. */
  async shutDown(): Promise<void> {
    this.#suspended = true;
    await this.#queue;
    await this.#stopRunning();
  }

  #earlierDeploy(status: Deploy['status']): Deploy {
    const { createdAt, commit } = this;
    const times = { createdAt, startedAt: createdAt, updatedAt: createdAt, finishedAt: createdAt };
    return { id: renderId('dep'), trigger: 'deployed_by_render', commit, status, ...times };
  }

  async #carryOut(deploy: Deploy, skipBuild: boolean): Promise<void> {
    const environment = new Map(this.environment);
    deploy.startedAt = new Date();
    if (!skipBuild) {
      setStatus(deploy, 'build_in_progress');
      await delay(BUILD_MS);
    }
    setStatus(deploy, 'update_in_progress');
    await delay(UPDATE_MS);
    const instance = this.#suspended ? undefined : await this.#startHealthy(environment);
    // Asked again: the world may have ended while the new instance was starting.
    if (this.#suspended) {
      await instance?.stop();
      setStatus(deploy, 'canceled');
    } else if (instance === undefined) {
      setStatus(deploy, 'update_failed');
    } else {
      await this.#switchTo(instance);
      this.#liveEnvironment = environment;
      for (const earlier of this.deploys) if (earlier.status === 'live') setStatus(earlier, 'deactivated');
      setStatus(deploy, 'live');
    }
    deploy.finishedAt = deploy.updatedAt;
    this.#touch();
  }

  async #startHealthy(environment: ReadonlyMap<string, string>): Promise<I | undefined> {
    const instance = await this.#start(environment).catch(() => undefined);
    if (instance === undefined) return undefined;
    const deadline = performance.now() + HEALTHY_WITHIN_MS;
    while (performance.now() < deadline && !this.#suspended) {
      try {
        await instance.check();
        return instance;
      } catch {
        await delay(SUSPEND_MS);
      }
    }
    await instance.stop();
    return undefined;
  }

  async #switchTo(instance: I): Promise<void> {
    await this.#stopRunning();
    instance.serve();
    this.#running = instance;
  }

  async #stopRunning(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    await running?.stop();
  }

  async #enqueue(work: () => Promise<void>): Promise<void> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => undefined);
    await done;
  }

  #touch(): void {
    this.#updatedAt = new Date();
  }
}

function setStatus(deploy: Deploy, status: Deploy['status']): void {
  deploy.status = status;
  deploy.updatedAt = new Date();
}
