import type { Json, JsonObject } from '../../../base/json.ts';
import { isJsonObject } from '../../../base/json.ts';
import { secretFile } from '../../ground/folder.ts';
import type { Listener } from '../../ground/http.ts';
import { listen } from '../../ground/http.ts';
import type { Network } from '../../ground/silence.ts';
import { asText } from '../../ground/text.ts';
import { Support } from '../../outside/support.ts';
import { systemIdentifierOf } from '../../postgres/identifier.ts';
import { RenderApi } from '../../render/api.ts';
import type { BreakableProvider } from '../../render/breakable.ts';
import { Contract } from '../../render/contract.ts';
import { Database } from '../../render/database.ts';
import type { DatabaseSettings } from '../../render/database-settings.ts';
import { keptSettings } from '../../render/database-settings.ts';
import { databaseEntry, renderSection, serviceEntry } from '../../render/entries.ts';
import { Workspace } from '../../render/workspace.ts';
import type { KeepableProgram } from '../keepable.ts';
import type { Part, PartContext, StartPart } from '../part.ts';
import { openAddress } from './address.ts';
import type { DeployedCopy } from './deployed.ts';
import { serviceOf } from './deployed.ts';
import type { Service } from '../../render/service.ts';

/** A workspace at Render: its services are programs of the world, and its databases are servers of the world. */
class RenderPart implements Part, BreakableProvider {
  readonly actions = {};
  readonly workspace: Workspace;
  readonly renderApi: RenderApi;
  readonly support: Support;
  readonly services = new Map<string, Service<DeployedCopy>>();
  readonly databases = new Map<string, Database>();
  readonly programs = new Map<string, KeepableProgram>();
  readonly #keyFile: string;
  readonly #identifiers = new Map<Database, string>();
  #listener: Listener | undefined;

  private constructor(workspace: Workspace, contract: Contract, keyFile: string) {
    this.workspace = workspace;
    this.renderApi = new RenderApi(workspace, contract);
    this.support = new Support(workspace.outage);
    this.#keyFile = keyFile;
  }

  static async start(args: JsonObject, context: PartContext): Promise<RenderPart> {
    const { id, worldFolder } = context;
    const limits = isJsonObject(args['limits']) ? args['limits'] : {};
    const workspace = new Workspace(`${id} (sandbox)`, limits);
    context.onClose(() => workspace.shutDown());
    const part = new RenderPart(workspace, await Contract.load(), secretFile(worldFolder, id, 'key'));
    for (const [name, one] of membersOf(args['services'])) await part.#addService(name, one, context);
    const kept = membersOf(args['databases']).map(([name, one]) => keepDatabase(name, one, context));
    for (const { name, database, systemIdentifier } of await Promise.all(kept)) {
      workspace.addDatabase(database);
      part.databases.set(name, database);
      part.#identifiers.set(database, systemIdentifier);
    }
    const listener = await listen((request) => part.renderApi.answer(request));
    context.onClose(() => listener.close());
    part.#listener = listener;
    return part;
  }

  async #addService(name: string, one: JsonObject, context: PartContext): Promise<void> {
    const id = asText(one['process']) ?? '';
    const program = context.part(id).keepableProgram;
    if (program === undefined) throw new Error(`the part ${id} is no program that could be deployed`);
    program.keep(context.id);
    const service = serviceOf(asText(one['name']) ?? name, program, asText(one['region']));
    if (program.listens) {
      const address = await openAddress(service);
      context.onClose(() => address.close());
      service.url = address.url;
    }
    this.workspace.addService(service);
    this.services.set(name, service);
    this.programs.set(name, program);
  }

  get members(): Part['members'] {
    const { workspace } = this;
    const url = this.#listener?.url ?? '';
    return {
      url: { value: url },
      key: { value: workspace.key, secret: true },
      render: { value: renderSection(workspace, { url, keyFile: this.#keyFile }) },
      services: {
        value: sectionOf(this.services, (service) => serviceEntry(service, workspace)),
      },
      databases: {
        value: sectionOf(this.databases, (one) => databaseEntry(one, this.#identifiers.get(one) ?? '')),
      },
    };
  }

  get provider(): BreakableProvider {
    return this;
  }

  get network(): Network | undefined {
    return this.#listener;
  }

  state(): JsonObject {
    const { services, databases } = this.workspace;
    return {
      running: true,
      requests: { ...this.renderApi.counts },
      services: Array.from(services.values(), ({ id, name, suspended, running }) => ({
        ...{ id, name, suspended, live: running !== undefined },
      })),
      databases: Array.from(databases.values(), ({ id, name, status }) => ({ id, name, status })),
    };
  }

  /** What is wrong with a service or a database is told by the part that it is. */
  trouble(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
}

const membersOf = (json: Json | undefined): readonly (readonly [string, JsonObject])[] =>
  Object.entries(isJsonObject(json) ? json : {}).map(([name, one]) => [name, isJsonObject(one) ? one : {}]);

interface KeptDatabase {
  /** As playbooks call it. */
  readonly name: string;
  readonly database: Database;
  readonly systemIdentifier: string;
}

/** Takes over a server of the world, of which a first base backup is taken. */
async function keepDatabase(name: string, one: JsonObject, context: PartContext): Promise<KeptDatabase> {
  const id = asText(one['postgres']) ?? '';
  const kept = context.part(id).keepableDatabase;
  if (kept === undefined) throw new Error(`the part ${id} is no database server that could be kept`);
  const { server, gate, password, databaseName, role } = kept;
  const database = await Database.keep({
    ...{ server, password, internal: gate },
    settings: keptSettings({ ...settingsIn(one, name), databaseName, role }),
  });
  kept.keepAs(database);
  return { name, database, systemIdentifier: await systemIdentifierOf(server) };
}

/** What is said of an instance; the rest is as with any that is ordered. */
function settingsIn(
  one: JsonObject,
  key: string,
): Pick<DatabaseSettings, 'name'> & Partial<DatabaseSettings> {
  const [region, plan] = [asText(one['region']), asText(one['plan'])];
  const { diskSizeGB, diskAutoscaling, parameters } = one;
  return {
    name: asText(one['name']) ?? key,
    ...(region !== undefined && { region }),
    ...(plan !== undefined && { plan }),
    ...(typeof diskSizeGB === 'number' && { diskSizeGB }),
    ...(typeof diskAutoscaling === 'boolean' && { diskAutoscaling }),
    ...(isJsonObject(parameters) && { parameters }),
  };
}

const sectionOf = <T>(things: ReadonlyMap<string, T>, entry: (thing: T) => JsonObject): JsonObject =>
  Object.fromEntries(Array.from(things, ([name, thing]) => [name, entry(thing)]));

/** Starts a part of the kind `render`. */
export const startRender: StartPart = (args, context) => RenderPart.start(args, context);
