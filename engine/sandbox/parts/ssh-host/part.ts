import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { JsonObject } from '../../../base/json.ts';
import { isJsonObject, listOf } from '../../../base/json.ts';
import { inFolder } from '../../ground/folder.ts';
import { hasBearer, listen } from '../../ground/http.ts';
import { reservePort } from '../../ground/port.ts';
import { Program } from '../../ground/program.ts';
import type { Links } from '../../network/links.ts';
import { troubleOf, untilReady } from '../../ground/ready.ts';
import { Service } from '../process/service.ts';
import type { Part, PartContext, PartEntry, StartPart } from '../part.ts';
import type { Machine } from './machine.ts';
import { makeMachine } from './machine.ts';
import { Systemctl } from './systemctl.ts';

const START_MS = 20_000;

/** A machine that is reached by ssh: an sshd of its own, a home, and the programs that its systemctl starts and stops. */
class SshHostPart implements Part {
  readonly #port: number;
  readonly #sshPort: number;
  readonly #machine: Machine;
  readonly #sshd: Program;
  readonly #units: ReadonlyMap<string, Service>;
  readonly links: Links;

  private constructor(
    { port, links }: PartContext,
    sshPort: number,
    machine: Machine,
    sshd: Program,
    units: ReadonlyMap<string, Service>,
  ) {
    this.#port = port;
    this.#sshPort = sshPort;
    this.#machine = machine;
    this.#sshd = sshd;
    this.#units = units;
    this.links = links;
  }

  static async start(args: JsonObject, context: PartContext): Promise<SshHostPart> {
    const { id, worldFolder } = context;
    const units = await unitsOf(args, context);
    const folder = join(inFolder(worldFolder).hosts, id);
    const sshPort = await reservePort();
    const machine = await makeMachine({
      ...{ folder, worldFolder, port: sshPort },
      units: await openUnits(new Systemctl(units), context),
    });
    const sshd = new Program({
      ...{ command: [machine.sshd, '-D', '-e', '-f', machine.config], cwd: folder, env: {}, worldFolder },
      log: join(folder, 'sshd.log'),
    });
    context.onClose(() => sshd.stop());
    const part = new SshHostPart(context, sshPort, machine, sshd, units);
    for (const { program } of units.values()) context.onClose(() => program.stop());
    await Promise.all([part.#begin(), ...Array.from(units.values(), (unit) => unit.begin())]);
    return part;
  }

  get members(): Part['members'] {
    const { user, home, privateKey } = this.#machine;
    return {
      host: { value: '127.0.0.1' },
      sshPort: { value: this.#sshPort },
      user: { value: user },
      home: { value: home },
      key: { value: privateKey, secret: true },
      port: { value: this.#port },
      url: { value: urlAt(this.#port) },
      units: { value: Object.fromEntries(Array.from(this.#units, unitAddress)) },
    };
  }

  get entry(): PartEntry {
    const { user, hostKey } = this.#machine;
    return {
      facts: { address: '127.0.0.1', port: this.#sshPort, user, hostKey },
      secrets: { identity: 'key' },
    };
  }

  get units(): ReadonlyMap<string, Program> {
    return new Map(Array.from(this.#units, ([name, { program }]) => [name, program]));
  }

  get actions(): Part['actions'] {
    return {
      ...this.links.actions(() => this.state()),
      start: async () => {
        await this.#begin();
        return this.state();
      },
      stop: async () => {
        await this.#sshd.stop();
        return this.state();
      },
      restart: async () => {
        await this.#sshd.stop();
        await this.#begin();
        return this.state();
      },
    };
  }

  state(): JsonObject {
    const units = Array.from(this.#units, ([name, { program }]): [string, JsonObject] => [
      name,
      program.state,
    ]);
    return { ...this.#sshd.state, ...this.links.state, units: Object.fromEntries(units) };
  }

  async trouble(): Promise<string | undefined> {
    const trouble = this.#sshd.ending ?? (await troubleOf({ port: this.#sshPort }));
    if (trouble !== undefined) return trouble;
    for (const [name, unit] of this.#units) {
      const found = await unit.trouble();
      if (found !== undefined) return `the unit ${name}: ${found}`;
    }
    return undefined;
  }

  async #begin(): Promise<void> {
    await this.#sshd.start();
    await untilReady(this.#sshd, () => troubleOf({ port: this.#sshPort }), START_MS);
  }
}

const urlAt = (port: number): string => `http://127.0.0.1:${String(port)}`;

const unitAddress = ([name, { port }]: readonly [string, Service]): readonly [string, JsonObject] => [
  name,
  { port, url: urlAt(port) },
];

/** Each has a port of its own. */
async function unitsOf(args: JsonObject, context: PartContext): Promise<ReadonlyMap<string, Service>> {
  const names = Object.keys(isJsonObject(args['units']) ? args['units'] : {});
  const units = new Map<string, Service>();
  for (const name of names) {
    const port = units.size === 0 ? context.port : await reservePort();
    const describe = (at = port): JsonObject => unitIn(context.argsAt(at), name);
    // It names its port where it would be another with another port.
    const namesPort = JSON.stringify(describe()) !== JSON.stringify(describe(port + 1));
    const log = join(inFolder(context.worldFolder).parts, `${context.id}-${name}.log`);
    const called = `the unit ${name} of ${context.id}`;
    units.set(name, new Service(called, describe, log, { ...context, port, namesPort }));
  }
  return units;
}

function unitIn({ units }: JsonObject, name: string): JsonObject {
  const unit = isJsonObject(units) ? units[name] : undefined;
  return isJsonObject(unit) ? unit : {};
}

/** Where the systemctl of the host asks. */
async function openUnits(
  systemctl: Systemctl,
  context: PartContext,
): Promise<{ readonly url: string; readonly token: string }> {
  const token = randomBytes(24).toString('base64url');
  const listener = await listen(async (request) => {
    if (!hasBearer(request, token)) return { status: 401, body: { message: 'unauthorized' } };
    const args = isJsonObject(request.body) ? listOf(request.body['args']).map(String) : [];
    return { status: 200, body: { ...(await systemctl.run(args)) } };
  });
  context.onClose(() => listener.close());
  return { url: listener.url, token };
}

/** Starts a part of the kind `ssh-host`. */
export const startSshHost: StartPart = (args, context) => SshHostPart.start(args, context);
