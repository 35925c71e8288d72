import type { Support } from '../outside/support.ts';
import type { RenderApi } from './api.ts';
import type { Database } from './database.ts';
import type { Service } from './service.ts';
import type { Workspace } from './workspace.ts';

/** What a fault of the provider may break: all of it is in one workspace. */
export interface BreakableProvider {
  readonly workspace: Workspace;
  readonly renderApi: RenderApi;
  readonly support: Support;
  /** By their names in the environment: `api`, `main`. */
  readonly services: ReadonlyMap<string, Service>;
  readonly databases: ReadonlyMap<string, Database>;
}
