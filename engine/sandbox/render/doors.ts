import { BlockList, isIP } from 'node:net';
import { Gate } from '../postgres/gate.ts';
import type { PostgresServer } from '../postgres/server.ts';

/** A range of addresses from which the external address may be reached. */
export interface AllowedRange {
  readonly cidrBlock: string;
  readonly description: string;
}

/** The two ways to a database: one for the private network, and one for everybody on the allow list. */
export class Doors {
  readonly internal: Gate;
  readonly external: Gate;

  private constructor(internal: Gate, external: Gate) {
    this.internal = internal;
    this.external = external;
  }

  /** `allowList` is asked for at every connection: a change holds for the next one. `internal`: the first way, where there is one already. */
  static async open(
    server: PostgresServer,
    allowList: () => readonly AllowedRange[],
    internal?: Gate,
  ): Promise<Doors> {
    const port = (): number | undefined => server.port;
    const external = await Gate.open({ port, admits: (address) => isAllowed(address, allowList()) });
    return new Doors(internal ?? (await Gate.open({ port, admits: () => true })), external);
  }

  hang(millis: number | undefined): void {
    this.internal.hang(millis);
    this.external.hang(millis);
  }

  async close(): Promise<void> {
    await Promise.all([this.internal.close(), this.external.close()]);
  }
}

/** What is no range admits nobody: the provider would have refused it. */
export function isAllowed(address: string, ranges: readonly AllowedRange[]): boolean {
  const list = new BlockList();
  for (const { cidrBlock } of ranges) {
    const [network = '', prefix] = cidrBlock.split('/');
    const version = isIP(network);
    if (version === 0) continue;
    const bits = Number(prefix ?? (version === 4 ? 32 : 128));
    list.addSubnet(network, bits, version === 4 ? 'ipv4' : 'ipv6');
  }
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
