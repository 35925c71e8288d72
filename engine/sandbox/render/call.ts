import type { Json, JsonObject } from '../../base/json.ts';
import { isJsonArray } from '../../base/json.ts';
import { asText } from '../ground/text.ts';
import type { Database } from './database.ts';
import type { Service } from './service.ts';
import type { Workspace } from './workspace.ts';

/** A valid request, with what stood in its path and its query. */
export interface Call {
  readonly workspace: Workspace;
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, Json>>;
  readonly body: JsonObject | readonly Json[];
  /** `http://…` of this service itself, as the caller reached it. */
  readonly ownUrl: string;
}

/** An answer that is not a success. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export function serviceOf({ workspace, path }: Call): Service {
  const service = workspace.services.get(path['serviceId'] ?? '');
  if (service === undefined) throw new Refusal(404, 'service not found');
  return service;
}

/** Render lists 409 for a deploy without saying when; a suspended service is taken to be the case. */
export function activeServiceOf(call: Call, status: number): Service {
  const service = serviceOf(call);
  if (service.suspended) throw new Refusal(status, 'the service is suspended');
  return service;
}

export function databaseOf({ workspace, path }: Call): Database {
  const database = workspace.databases.get(path['postgresId'] ?? '');
  if (database === undefined) throw new Refusal(404, 'postgres instance not found');
  return database;
}

/** Nobody but the provider lifts what the provider suspended. */
export function mayResume({ workspace }: Call, thing: Service | Database): void {
  if (workspace.outage.holds(thing)) throw new Refusal(400, 'suspended by Render: there is an outage');
}

export const member = (body: JsonObject | readonly Json[], name: string): string | undefined =>
  isJsonArray(body) ? undefined : asText(body[name]);
