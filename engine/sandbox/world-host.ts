import type { JsonObject } from '../base/json.ts';
import type { ValueMap } from '../base/value.ts';
import type { Injection } from './faults/fault.ts';
import type { Loss } from './ground/loss.ts';

/** What a world does, in its own process, whatever it is made of. */
export interface WorldHost {
  /** Builds it. When that fails half-way, `stop` ends what was started. */
  start(): Promise<void>;
  /** The environment that it makes, as it was when the world began. */
  environmentText(): string;
  /** Resolves when it is worth breaking. */
  baseline(): Promise<void>;
  /** Breaks it: where `part` is given, that part. Rejects, with nothing broken, what cannot be done. */
  inject(uses: string, args: ValueMap, part?: string): Promise<Injection>;
  /** What was acknowledged against what is held now. Rejects when that cannot be told. */
  loss(): Promise<Loss>;
  /** The same of uploads; undefined in a world where nobody uploads. */
  lostUploads(): Promise<Loss | undefined>;
  state(): JsonObject;
  /** Ends every part. A start that is under way fails at its next step. */
  stop(): Promise<void>;
}

export interface HostOptions {
  /** Progress, for whoever waits. */
  readonly report: (line: string) => void;
  /** What happens behind the scenes. */
  readonly log: (line: string) => void;
}
