import type { Json, JsonObject } from '../../../engine/base/json.ts';
import type { Event } from '../../../engine/model/event.ts';

/** What there is in the end of what a drill has brought about, each as often as it is there. */
export type Tally = Readonly<Record<string, readonly Json[]>>;

/** The outputs of the steps that look at the end, as far as they go here. */
interface Outputs {
  readonly counted?: { readonly rows: readonly { readonly n: number }[] };
  readonly objects?: { readonly versions: readonly { readonly key: string }[] };
  readonly charges?: {
    readonly json: { readonly last: readonly { readonly body: { readonly n: number } }[] };
  };
  readonly lines?: { readonly lines: readonly string[] };
  readonly deploys?: { readonly json: readonly { readonly deploy: { readonly trigger: string } }[] };
  readonly jobs?: { readonly json: readonly string[] };
}

/** By what the steps of a run said of the world at its end. */
export function tallyOf(events: readonly Event[]): Tally {
  const outputs: Outputs = Object.fromEntries(
    events.flatMap((event): [string, JsonObject][] =>
      event.type === 'step.finished' ? [[event.key, event.output as JsonObject]] : [],
    ),
  );
  const { counted, objects, charges, lines, jobs, deploys } = outputs;
  return {
    rows: counted?.rows.map(({ n }) => n) ?? [],
    objects: objects?.versions.map(({ key }) => key) ?? [],
    charges: charges?.json.last.map(({ body }) => body.n) ?? [],
    lines: lines?.lines ?? [],
    jobs: jobs?.json ?? [],
    deploys: deploys?.json.map(({ deploy }) => deploy.trigger) ?? [],
  };
}
