import type { Json } from '../base/json.ts';
import type { Failure } from './failure.ts';
import type { WhenLost } from './failure-rules.ts';
import type { RpoObjective } from './objectives.ts';

/** A phase, a called playbook, a branch, a round, an item, an undo: whatever holds steps. */
export interface ScopeEntered {
  readonly type: 'scope.entered';
  readonly key: string;
  readonly kind:
    | 'phase'
    | 'call'
    | 'branch'
    | 'undo'
    | 'always'
    | 'parallel'
    /** A branch of `parallel`: it and its siblings, like the items of a loop, go on side by side. */
    | 'lane'
    | 'forEach'
    | 'item'
    | 'repeat'
    | 'round';
  readonly title: string;
  /** Of `call`: the playbook's id; absent in journals that did not say it. */
  readonly playbook?: string;
  /** Of `forEach`: its list, which is frozen from here on. */
  readonly list?: FrozenList;
}

export interface ScopeLeft {
  readonly type: 'scope.left';
  readonly key: string;
  readonly outcome: 'done' | 'skipped' | 'failed' | 'cancelled' | 'declined';
  /** The outputs of a call, a branch or an item; of a round, whether it was accepted. */
  readonly output?: Json;
  /** Why an item failed that is tolerated, or that the operator gave up. */
  readonly error?: Failure;
  /** Who gave it up. */
  readonly by?: string;
  /** A check of the result failed in it and was tolerated: the run ends as failedVerification at best. */
  readonly verification?: boolean;
}

export interface BranchChosen {
  readonly type: 'branch.chosen';
  readonly key: string;
  readonly branch: string;
  readonly by: string;
  /** What counts from here on instead of the playbook's RPO. */
  readonly rpo?: RpoObjective;
}

/** Loops go on with the list that they began with, also in a later life of the run. */
export interface FrozenList {
  readonly count: number;
  /** SHA-256 of the canonical JSON of the encoded items. */
  readonly digest: string;
  /** The items, encoded; a long list is evaluated again and must have the same digest. */
  readonly items?: Json;
}

/** A batch of items is done that have no events of their own. All items below `done` are. */
export interface LoopProgressed {
  readonly type: 'loop.progressed';
  readonly key: string;
  /** Items done so far, counted from the beginning of the list. */
  readonly done: number;
  readonly total: number;
  /** Those of this batch that failed, and are tolerated. */
  readonly failed: readonly { readonly item: string; readonly error: Failure }[];
}

/** A step takes longer than its author expected. */
export interface StepOverdue {
  readonly type: 'step.overdue';
  readonly key: string;
  readonly expectMs: number;
  /** Who is called next, in the environment's words. */
  readonly contact?: string;
  readonly level?: number;
}

/** What became of a process that lives beside the run, after the step that started it was over. */
export interface BackgroundChanged {
  readonly type: 'background.changed';
  readonly key: string;
  readonly title: string;
  /** `left`: it could not be ended, and may still run. */
  readonly state: 'lost' | 'restarted' | 'ended' | 'left';
  /** Of `lost` and `left`: why. */
  readonly reason?: string;
  /** Of `lost`: what follows from it. */
  readonly whenLost?: WhenLost;
}

/** What a step has told people is told again; `begun` is durable before it, so that none is ever told twice. */
export interface Reminded {
  readonly type: 'reminded';
  readonly key: string;
  readonly title: string;
  /** From 1. */
  readonly number: number;
  readonly state: 'begun' | 'told' | 'failed';
  /** Of `failed`: why. */
  readonly reason?: string;
}

/** A file was copied into the run's attachments, or could not be, which stops nothing. */
export interface Attached {
  readonly type: 'attached';
  readonly key: string;
  /** Where it lay. */
  readonly path: string;
  /** In the run's folder; absent with a `problem`. */
  readonly file?: string;
  readonly bytes?: number;
  readonly sha256?: string;
  readonly problem?: string;
}

/** The operator says that the next level of the environment's escalation was called. */
export interface Escalated {
  readonly type: 'escalated';
  readonly key: string;
  readonly level: number;
  readonly who: string;
  readonly by: string;
}

/** An answer was put right: what is evaluated from here on sees the new value. */
export interface InputCorrected {
  readonly type: 'input.corrected';
  readonly scope: string;
  readonly name: string;
  readonly value: Json;
  readonly before: Json;
  readonly by: string;
  /** Keys of the steps that were done with the value before. */
  readonly done: readonly string[];
}

/** An inject of the rehearsal came. `begun` is durable before a fault, so that it is never brought about twice. */
export interface InjectStruck {
  readonly type: 'inject.struck';
  /** Its place among those of the rehearsal, from 1. */
  readonly number: number;
  readonly what: 'message' | 'fault' | 'answer';
  /** `unknown`: its process died in between, and nobody knows whether it came. */
  readonly state: 'begun' | 'done' | 'failed' | 'unknown';
  /** What people are told, what was broken, or which questions are answered. */
  readonly text: string;
  /** Of `answer`: what is answered from now on, by the keys of answers given beforehand. Encoded. */
  readonly answers?: Json;
}
