// What a kind of a user's own imports: `drillbook/kind` (docs/own-kinds.md).
export { StepError } from '../model/kind.ts';
export type { Reconciliation, RunMode, StepContext, StepKind } from '../model/kind.ts';
export type { Duration } from '../base/duration.ts';
export type { Instant } from '../base/instant.ts';
export type { Value, ValueMap } from '../base/value.ts';
export type { Environment, Identity, TargetUse } from '../model/environment.ts';
export type { Effect } from '../model/playbook.ts';
export { tryKind } from './try-kind.ts';
export type { Tried, TryOptions } from './try-kind.ts';
