import { messageOf } from '../../ground/text.ts';
import type { Service } from '../process/service.ts';

/** What a command ended with. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** As systemctl ends: LSB's codes for what is asked of a unit. */
const NOT_RUNNING = 3;
const NO_SUCH_UNIT = { asked: 4, told: 5 };

/** Stands in for systemd: starts and stops the units of a host, and tells how they are, in the words of systemctl. */
export class Systemctl {
  readonly #units: ReadonlyMap<string, Service>;
  /** Those that were stopped on purpose: they have not failed. */
  readonly #stopped = new Set<string>();

  constructor(units: ReadonlyMap<string, Service>) {
    this.#units = units;
  }

  /** `systemctl VERB UNIT…`. Options make no difference. */
  async run(args: readonly string[]): Promise<Ended> {
    const [verb = 'list-units', ...names] = args.filter((arg) => !arg.startsWith('-'));
    if (verb === 'daemon-reload') return said('');
    if (verb === 'list-units') return said([...this.#units.keys()].map((unit) => this.#line(unit)).join(''));
    const ask = Object.hasOwn(this.#verbs, verb) ? this.#verbs[verb] : undefined;
    if (ask === undefined) return refused(`Unknown command verb ${verb}.`);
    if (names.length === 0) return refused('Too few arguments.');
    const ends: Ended[] = [];
    for (const name of names) ends.push(await this.#each(verb, ask, name.replace(/\.service$/, '')));
    const failed = ends.find(({ code }) => code !== 0)?.code ?? 0;
    const isOneWell = ends.some(({ code }) => code === 0);
    return {
      code: verb === 'is-active' && isOneWell ? 0 : failed,
      stdout: ends.map(({ stdout }) => stdout).join(''),
      stderr: ends.map(({ stderr }) => stderr).join(''),
    };
  }

  get #verbs(): Readonly<Record<string, (unit: string, service: Service) => Promise<Ended>>> {
    return {
      start: (unit, service) => this.#start(unit, service),
      restart: async (unit, service) => {
        await service.program.stop();
        return await this.#start(unit, service);
      },
      stop: async (unit, service) => {
        this.#stopped.add(unit);
        await service.program.stop();
        return said('');
      },
      // Back to what the file of the world says, from the next start on: what was deployed since is as a drop-in.
      revert: (_, service) => {
        service.program.rollBack();
        return Promise.resolve(said(''));
      },
      'is-active': (unit) => Promise.resolve(this.#asked(unit, `${this.#stateOf(unit)}\n`)),
      status: async (unit, service) => {
        const { pid } = service.program;
        const id = service.program.running && pid !== undefined ? `   Main PID: ${String(pid)}\n` : '';
        return this.#asked(unit, `${this.#line(unit)}${id}${await service.program.lastLines()}\n`);
      },
    };
  }

  async #each(
    verb: string,
    ask: (unit: string, service: Service) => Promise<Ended>,
    unit: string,
  ): Promise<Ended> {
    const service = this.#units.get(unit);
    if (service !== undefined) return await ask(unit, service);
    if (verb === 'is-active') return { code: NO_SUCH_UNIT.asked, stdout: 'inactive\n', stderr: '' };
    const [code, stderr] =
      verb === 'status'
        ? [NO_SUCH_UNIT.asked, `Unit ${unit}.service could not be found.\n`]
        : [NO_SUCH_UNIT.told, `Failed to ${verb} ${unit}.service: Unit ${unit}.service not found.\n`];
    return { code, stdout: '', stderr };
  }

  async #start(unit: string, service: Service): Promise<Ended> {
    this.#stopped.delete(unit);
    try {
      await service.begin();
      return said('');
    } catch (error) {
      return refused(`Job for ${unit}.service failed: ${messageOf(error)}`);
    }
  }

  #asked(unit: string, stdout: string): Ended {
    return { code: this.#stateOf(unit) === 'active' ? 0 : NOT_RUNNING, stdout, stderr: '' };
  }

  #line(unit: string): string {
    return `${unit}.service ${this.#stateOf(unit)}\n`;
  }

  #stateOf(unit: string): 'active' | 'inactive' | 'failed' {
    if (this.#units.get(unit)?.program.running === true) return 'active';
    return this.#stopped.has(unit) ? 'inactive' : 'failed';
  }
}

const said = (stdout: string): Ended => ({ code: 0, stdout, stderr: '' });
const refused = (message: string): Ended => ({ code: 1, stdout: '', stderr: `${message}\n` });
