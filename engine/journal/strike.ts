import type { Chain } from './chain.ts';
import type { Line } from './line.ts';
import { STRUCK_BODY } from './line.ts';
import { StoreError } from './store.ts';

/**
 * The bytes of a journal without the payload of one event. Its digest stays, so the chain
 * holds: that there was an event, when and of which type remains proven.
 */
export function struckOut(run: string, chain: Chain, seq: number): Buffer {
  if (chain.lines[seq - 1] === undefined) {
    throw new StoreError('missing', `run ${run} has no event ${seq}`);
  }
  return Buffer.concat(
    chain.lines.map((line) => lineBytes(line, line.seq === seq ? Buffer.from(STRUCK_BODY) : line.body)),
  );
}

function lineBytes(line: Line, body: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from(`${line.header},"hash":"${line.hash}","body":`),
    body,
    Buffer.from('}\n'),
  ]);
}
