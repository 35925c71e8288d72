import { StepError } from '../../../model/kind.ts';
import type { S3Client } from '../client/client.ts';
import { compareContent, hasKmsKey } from './content.ts';
import type { S3Object } from '../client/list.ts';
import type { Tally } from './sweep.ts';

const SAMPLES = 20;

/** Holds what should be there against what is, pair by pair, and counts how each was proved. */
export class Proof {
  readonly #to: S3Client;
  readonly #digests: boolean;
  readonly #wrong: string[] = [];
  #byEtag = 0;
  #bySize = 0;
  #missing = 0;
  #different = 0;

  constructor(to: S3Client, digests: boolean) {
    this.#to = to;
    this.#digests = digests;
  }

  async hold(expected: S3Object, found: S3Object | undefined): Promise<void> {
    if (found === undefined) {
      this.#missing++;
      this.#note(expected.key);
      return;
    }
    const sameness = compareContent(expected, found, this.#digests);
    if (sameness === 'etag') this.#byEtag++;
    else if (sameness === 'size') this.#bySize++;
    else if (expected.size === found.size && (await hasKmsKey(this.#to, found.key))) this.#bySize++;
    else {
      this.#different++;
      this.#note(expected.key);
    }
  }

  /** The counts. Throws `StepError` when something is missing or different. `hint`: what to do then. */
  counts(tally: Tally, hint: string): { readonly byEtag: number; readonly bySize: number } {
    if (this.#missing === 0 && this.#different === 0) return { byEtag: this.#byEtag, bySize: this.#bySize };
    const parts = [
      ...(this.#missing > 0 ? [`${this.#missing} missing`] : []),
      ...(this.#different > 0 ? [`${this.#different} different`] : []),
    ];
    throw new StepError(
      `the proof failed in ${this.#to.bucket}: ${parts.join(', ')} (${this.#wrong.slice(0, 3).join(', ')})`,
      {
        code: 'notProven',
        hint,
        changed: 'something',
        retryable: true,
        details: { ...tally, missing: this.#missing, different: this.#different, keys: this.#wrong },
      },
    );
  }

  #note(key: string): void {
    if (this.#wrong.length < SAMPLES) this.#wrong.push(key);
  }
}
