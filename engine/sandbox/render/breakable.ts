import type { RenderApi } from './api.ts';
import type { Database } from './database.ts';
import type { Service } from './service.ts';
import type { Workspace } from './workspace.ts';

/** What the provider's support says in the end, having put things right or not, and after how long. */
export interface SupportOutlook {
  readonly answer: 'restored' | 'cannot';
  readonly afterMs: number;
}

/** What a fault of the provider may break: all of it is in one workspace. */
export interface BreakableProvider {
  readonly workspace: Workspace;
  readonly renderApi: RenderApi;
  readonly support: { outlook: SupportOutlook };
  /** By their names in the environment: `api`, `main`. */
  readonly services: ReadonlyMap<string, Service>;
  readonly databases: ReadonlyMap<string, Database>;
}
