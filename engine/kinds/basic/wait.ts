import { humanDuration } from '../../base/human.ts';
import { Instant } from '../../base/instant.ts';
import type { Json } from '../../base/json.ts';
import { decodeValue, encodeValue } from '../../base/value.ts';
import type { StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { during, pause } from '../context/activity.ts';
import type { Output, With } from '../types.ts';

type Args = With['wait'];

/** Slept at once: a wall clock that was set meanwhile is noticed after that. */
const SLICE_MS = 10_000;

/** Waits for a length of time, or until a moment. A resumed wait ends when the first would have. */
export const wait: StepKind<Args, Output['wait']> = {
  name: 'wait',
  effect: () => 'none',
  describe(args) {
    const length = args.for;
    if (length !== undefined) return `Wait for ${humanDuration(length.millis)}`;
    return `Wait until ${args.until?.toString() ?? '(not known yet)'}`;
  },
  targets: () => [],
  async run(args, context) {
    const begin = context.clock.now();
    const end = endOf(context.checkpoint) ?? endFrom(args, begin);
    if (context.checkpoint === undefined) await context.saveCheckpoint(encodeValue(end));
    const reason = `Waiting until ${end.toString()}`;
    let waitedMs = 0;
    await during(context, { class: 'external', reason }, async () => {
      for (;;) {
        const left = end.epochMillis - context.clock.now().epochMillis;
        if (left <= 0) return;
        await pause(context, Math.min(left, SLICE_MS));
        waitedMs = context.clock.now().epochMillis - begin.epochMillis;
      }
    });
    return { until: end, waitedMs: Math.round(waitedMs) };
  },
};

function endFrom(args: Args, begin: Instant): Instant {
  const { until } = args;
  const length = args.for;
  if ((until === undefined) === (length === undefined)) {
    throw new StepError('give either "for" or "until"', { code: 'usage' });
  }
  return until ?? new Instant(begin.epochMicros + (length?.micros ?? 0));
}

function endOf(checkpoint: Json | undefined): Instant | undefined {
  const end = checkpoint === undefined ? undefined : decodeValue(checkpoint);
  return end instanceof Instant ? end : undefined;
}
