import { setTimeout as delay } from 'node:timers/promises';
import type { JsonObject } from '../base/json.ts';
import type { ValueMap } from '../base/value.ts';
import { environmentText } from './environment.ts';
import type { Injection } from './faults/fault.ts';
import { injectFault } from './faults.ts';
import type { Loss } from './ground/loss.ts';
import type { Parts } from './parts.ts';
import { assemble } from './parts.ts';
import type { Application } from './peakops/application.ts';
import { archiveEverything } from './postgres/backup.ts';
import { withConnection } from './postgres/client.ts';
import { systemIdentifierOf } from './postgres/identifier.ts';
import type { Limits } from './render/limits.ts';
import type { HostOptions, WorldHost } from './world-host.ts';

const BASELINE_TIMEOUT_MS = 20_000;
/** Acknowledged rows and time that a fault is preceded by, so that a moment shortly before it can be recovered to. */
const BASELINE_ROWS = 10;
const BASELINE_AGE_MS = 2000;

interface PeakOpsOptions extends HostOptions {
  readonly application: Application;
  readonly limits: Partial<Limits>;
}

/** The parts of a world of PeakOps, in one process, and what can be asked of them as a whole. */
export class Host implements WorldHost {
  readonly #folder: string;
  readonly #options: PeakOpsOptions;
  readonly #closers: (() => Promise<void>)[] = [];
  #parts: Parts | undefined;
  #environmentText = '';
  #stopping = false;

  constructor(folder: string, options: PeakOpsOptions) {
    this.#folder = folder;
    this.#options = options;
  }

  /** Builds the world. When it fails half-way, `stop` ends what was started. */
  async start(): Promise<void> {
    const { application, limits, log } = this.#options;
    const parts = await assemble({
      folder: this.#folder,
      ...{ application, limits, log },
      phase: (line) => this.#phase(line),
      onClose: (close) => this.#closers.push(close),
    });
    const [main, staging] = await Promise.all([
      systemIdentifierOf(parts.main.server),
      systemIdentifierOf(parts.staging.server),
    ]);
    this.#environmentText = environmentText(this.#folder, parts, { main, staging });
    this.#parts = parts;
  }

  /** As it was when the world began. */
  environmentText(): string {
    this.#built();
    return this.#environmentText;
  }

  /**
   * Resolves when the world is worth breaking: the application is healthy and has
   * acknowledged rows, the recovery window reaches back some seconds, and WAL is archived.
   */
  async baseline(): Promise<void> {
    const { main, ledger, fleet, settled } = this.#built();
    const { api } = fleet.services;
    await settled;
    const deadline = performance.now() + BASELINE_TIMEOUT_MS;
    for (;;) {
      const age = Date.now() - (main.startsAt?.epochMillis ?? Date.now());
      const trouble = await api.running?.trouble();
      if (
        api.running !== undefined &&
        trouble === undefined &&
        ledger.size >= BASELINE_ROWS &&
        ledger.uploads > 0 &&
        age >= BASELINE_AGE_MS
      ) {
        break;
      }
      if (performance.now() > deadline)
        throw new Error(`the world is not healthy: ${trouble ?? 'nobody uses it yet'}`);
      await delay(50);
    }
    await archiveEverything(main.server, AbortSignal.timeout(BASELINE_TIMEOUT_MS));
  }

  async inject(uses: string, args: ValueMap, part?: string): Promise<Injection> {
    if (part !== undefined) throw new Error(`${uses}: this world has no part ${part}: leave part out`);
    const { main, staging, workspace, renderApi, render, storage, support, fleet, settled } = this.#built();
    const olderBackups = await settled;
    return await injectFault(uses, args, {
      databases: new Map(Object.entries({ main, staging })),
      services: fleet.all,
      networks: new Map(
        Object.entries({
          render: [render],
          app: fleet.listeners,
          s3: [storage.service],
          postgres: [...workspace.databases.values()],
        }),
      ),
      ...{ storage, workspace, renderApi, support, olderBackups },
    });
  }

  /** Acknowledged rows against the database behind the public address. Rejects when that cannot be read. */
  async loss(): Promise<Loss> {
    const { fleet, ledger } = this.#built();
    const url = fleet.address.site.liveEnvironment.get('DATABASE_URL') ?? '';
    return await withConnection(url, (client) => ledger.compare(client));
  }

  /** Acknowledged uploads against the bucket behind the public address. */
  lostUploads(): Promise<Loss> {
    const { fleet, ledger, storage } = this.#built();
    const bucket = fleet.address.site.liveEnvironment.get('AWS_STORAGE_BUCKET_NAME') ?? '';
    return Promise.resolve(ledger.compareUploads((key) => storage.digestAt(bucket, key)));
  }

  state(): JsonObject {
    const { workspace, ledger, renderApi, storage } = this.#built();
    const services = Array.from(workspace.services.values(), ({ id, name, suspended, running }) => ({
      id,
      name,
      suspended,
      live: running !== undefined,
    }));
    const databases = Array.from(workspace.databases.values(), ({ id, name, status }) => ({
      id,
      name,
      status,
    }));
    return {
      requests: { ...renderApi.counts },
      storage: { requests: storage.service.requests, writes: storage.service.writes },
      acknowledged: ledger.size,
      uploads: ledger.uploads,
      services,
      databases,
    };
  }

  /**
   * Ends every part that has been started, newest first. A start that is under way fails at its next
   * step; what that step still started is ended by stopping once more.
   */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) await close();
    await this.#parts?.ledger.flush();
  }

  #phase(line: string): void {
    if (this.#stopping) throw new Error('the world was stopped while it started');
    this.#options.report(line);
  }

  #built(): Parts {
    if (this.#parts === undefined) throw new Error('the world is not ready');
    return this.#parts;
  }
}
