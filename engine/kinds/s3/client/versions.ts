import type { Instant } from '../../../base/instant.ts';
import type { S3Version } from './list.ts';

/** A key with the version that was current at a moment and the one that is current now. */
export interface Chosen {
  readonly key: string;
  /** The newest not newer than the moment; undefined when the object was not there then. */
  readonly then: S3Version | undefined;
  readonly now: S3Version | undefined;
}

/**
 * For each key what was current at `at`. Takes versions as S3 lists them: by key, of each the newest
 * first. S3 tells the moment of a version to the second or the millisecond, and so it is compared.
 */
export async function* chooseVersions(
  versions: AsyncIterable<S3Version>,
  at: Instant,
): AsyncGenerator<Chosen, void, void> {
  let current: { key: string; then: S3Version | undefined; now: S3Version | undefined } | undefined;
  for await (const version of versions) {
    if (version.key !== current?.key) {
      if (current !== undefined) yield visible(current);
      current = { key: version.key, then: undefined, now: undefined };
    }
    if (version.isLatest) current.now = version;
    if (version.modified.epochMicros <= at.epochMicros) current.then ??= version;
  }
  if (current !== undefined) yield visible(current);
}

/** A delete marker is no version to go back to. */
const visible = ({ key, then, now }: Chosen): Chosen => ({
  key,
  then: then?.isMarker === true ? undefined : then,
  now: now?.isMarker === true ? undefined : now,
});
