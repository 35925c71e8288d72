import { readFile } from 'node:fs/promises';
import { readJson } from '../../../base/json-text.ts';
import { Instant } from '../../../base/instant.ts';
import type { Value, ValueMap } from '../../../base/value.ts';
import { isValueMap } from '../../../base/value.ts';
import { StepError } from '../../../model/kind.ts';
import type { StepContext } from '../../../model/kind.ts';
import type { KnownKey } from './database-keys.ts';

/** What an earlier comparison found missing. */
export interface EarlierMissing {
  readonly at: Instant;
  readonly keys: ReadonlySet<string>;
}

/** When more keys than this are on neither side, the replica is no copy that could tell anything. */
const MOST_UNDECIDED = 10_000;

/**
 * Tells keys that were missing already from those that are missing since. An earlier comparison knows it of
 * every key that was there then. Of others a replica knows it, as long as it kept up: a deletion is not
 * replicated, so what it lacks as well was never uploaded, unless it lacks older keys that the bucket has.
 */
export class MissingBefore {
  readonly #earlier: EarlierMissing | undefined;
  readonly #hasReplica: boolean;
  #copies = 0;
  /** The oldest key that the bucket has and the replica lacks, microseconds since the epoch. */
  #behindSince = Infinity;
  #undecided: KnownKey[] = [];
  #count = 0;

  constructor(earlier: EarlierMissing | undefined, hasReplica: boolean) {
    this.#earlier = earlier;
    this.#hasReplica = hasReplica;
  }

  /** How many were; null where nothing tells. Final once the rest was asked for. */
  get count(): number | null {
    return this.#earlier !== undefined || this.#copies > 0 ? this.#count : null;
  }

  /** A key that has its object. */
  present({ at }: KnownKey, isOnReplica: boolean): void {
    if (isOnReplica) this.#copies++;
    else if (this.#hasReplica) this.#behindSince = Math.min(this.#behindSince, at?.epochMicros ?? -Infinity);
  }

  /** Whether a key without an object is missing since; one that is not decided yet comes with the rest. */
  isMissingSince(known: KnownKey, isOnReplica: boolean): boolean {
    const { key, at } = known;
    const earlier = this.#earlier;
    if (earlier !== undefined && (at === undefined || at.epochMicros <= earlier.at.epochMicros)) {
      if (!earlier.keys.has(key)) return true;
      this.#count++;
      return false;
    }
    const isUndecided = this.#hasReplica && !isOnReplica && this.#undecided.length < MOST_UNDECIDED;
    if (isUndecided) this.#undecided.push(known);
    return !isUndecided;
  }

  /** Those of the undecided that are missing since, once all keys were seen. */
  rest(): readonly KnownKey[] {
    const isTold = this.#copies > 0 && this.#undecided.length < MOST_UNDECIDED;
    const since = this.#undecided.filter(
      ({ at }) => !isTold || at === undefined || at.epochMicros >= this.#behindSince,
    );
    this.#count += this.#undecided.length - since.length;
    return since;
  }
}

/** Reads what `recall` gave; undefined where there was no earlier comparison, or its list is not here any more. */
export async function earlierMissing(
  before: ValueMap | undefined,
  context: StepContext,
): Promise<EarlierMissing | undefined> {
  if (before?.['found'] !== true) return undefined;
  const { at, output } = before;
  const { missing, missingKeys, missingFile, missingBefore } = isValueMap(output) ? output : {};
  if (!(at instanceof Instant) || !isTexts(missingKeys) || typeof missingBefore === 'number') {
    throw new StepError('"before" is no earlier comparison of all that was missing', {
      code: 'usage',
      hint: 'Give the whole output of a recall whose step was s3.compare-keys, without "before" and "replica" of its own.',
    });
  }
  if (typeof missingFile !== 'string' || missing === missingKeys.length)
    return { at, keys: new Set(missingKeys) };
  try {
    const lines = (await readFile(missingFile, 'utf8')).split('\n').filter((line) => line !== '');
    return { at, keys: new Set(lines.map(readJson).filter((key) => typeof key === 'string')) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    context.log(`What was missing at ${at.toString()} is not known: its list cannot be read (${why})`);
    return undefined;
  }
}

const isTexts = (value: Value | undefined): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');
