import type { S3Client } from '../client/client.ts';
import type { S3Object } from '../client/list.ts';
import { listObjects } from '../client/list.ts';

/** What keys begin with on one side, and what they begin with on the other in its place. */
export interface Rewriting {
  readonly here: string;
  readonly there: string;
}

export const keyThere = ({ here, there }: Rewriting, key: string): string => there + key.slice(here.length);

/** An object of the other side under the key that it has here. */
export interface Rewritten {
  readonly key: string;
  readonly object: S3Object;
}

/**
 * Streams the objects of the other side in the order of their keys, which another prefix does not change. `after`: a key
 * as it is here, below which all is left out.
 */
export async function* listRewritten(
  client: S3Client,
  keys: Rewriting,
  after?: string,
): AsyncGenerator<Rewritten, void, void> {
  const { here, there } = keys;
  const range = { prefix: there, after: after === undefined ? undefined : keyThere(keys, after) };
  for await (const object of listObjects(client, range)) {
    yield { key: here + object.key.slice(there.length), object };
  }
}
