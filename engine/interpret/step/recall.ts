import type { Value } from '../../base/value.ts';
import { decodeValue, encodeValue, isValueList, isValueMap } from '../../base/value.ts';
import type { StepFinished } from '../../model/event.ts';
import type { Handle } from '../../model/handle.ts';
import { isHandle } from '../../model/handle.ts';
import type { InputQuestion } from '../../model/ports.ts';
import type { RunContext } from '../life/context.ts';
import { withLimits } from '../life/deadline.ts';
import { execute } from '../attempt/execute.ts';
import { isControl } from '../life/failures.ts';
import { askValue } from '../people/inputs.ts';
import type { Job, Resolved } from '../life/job.ts';
import { changesNothing } from '../life/effect.ts';
import { recordOf } from '../life/job.ts';
import { askForSecret } from '../people/late-inputs.ts';
import { resolveStep } from '../life/arguments.ts';
import type { RunState } from '../life/state.ts';
import { messageOf, shownText } from '../life/text.ts';

/**
 * Says how the secrets of a step come back that finished in an earlier life of the run: opened where they
 * were kept; by running the step again, where that gives the same, because nothing has changed anything
 * since it began; else from the operator.
 */
export function recallable(job: Job, { output, outcome }: StepFinished): void {
  const { run, key } = job;
  const lost = output === undefined ? [] : [...lostIn(run, decodeValue(output))];
  if (!lost.some((handle) => handle['step'] === key)) return;
  const byHand = outcome === 'byHand';
  run.secrets.recallBy(key, async (path) => {
    const hindrance = await open(job, path);
    if (run.secrets.isHeld(key, path)) return;
    const kind = await run.kind(job.step.uses);
    if (kind.people !== undefined && !byHand) {
      return askForSecret(job, (await resolveStep(job)).args, path);
    }
    const again = byHand ? 'A person gave it.' : await runAgain(job, path);
    if (again !== undefined) await askAnew(job, path, `${hindrance ?? 'It was not kept.'} ${again}`);
  });
}

/** Before a step begins: the secrets that it needs are there again. Later it counts as one that may have changed something. */
export async function recallSecrets({ run }: Job, { args }: Resolved): Promise<void> {
  if (!run.secrets.hasLost) return;
  for (const handle of lostIn(run, args)) await run.secrets.reveal(handle);
}

function* lostIn(run: RunContext, value: Value): Generator<Handle> {
  if (isValueList(value)) for (const item of value) yield* lostIn(run, item);
  else if (isHandle(value)) {
    if (run.secrets.isBornHere(value) === 'lost') yield value;
  } else if (isValueMap(value)) for (const member of Object.values(value)) yield* lostIn(run, member);
}

/** Opens it from the run's vault. Returns why that failed, where it was to be kept there. */
async function open(job: Job, path: string): Promise<string | undefined> {
  const { run, key } = job;
  try {
    const secret = await run.options.vault?.recall(key, path);
    if (secret !== undefined) run.secrets.keep(key, path, secret);
    return undefined;
  } catch (error) {
    if (isControl(run, error)) throw error;
    return `${messageOf(error)}.`;
  }
}

const MAY_DIFFER = 'to read it again could give another.';

/** Runs the step again for its secret. Returns why it may not be run again, or why that gave nothing. */
async function runAgain(job: Job, path: string): Promise<string | undefined> {
  const { run, step, key } = job;
  const since = recordOf(job)?.began ?? 0;
  const { lossAt = 0 } = run.log.state;
  const changed = changeAfter(run.log.state, key, since);
  if (changed !== undefined) return `"${changed}" has been done since: ${MAY_DIFFER}`;
  if (lossAt > since) return `The journal has lost what was done since: ${MAY_DIFFER}`;
  const resolved = await resolveStep(job);
  if (!changesNothing(resolved.effect) && !step.idempotent) return 'To get it anew would change something.';
  const limits = { timeoutMs: step.timeoutMs, interruptible: true, changed: 'nothing' } as const;
  try {
    await withLimits(run, limits, (signal) => execute(job, resolved, signal));
  } catch (error) {
    if (isControl(run, error)) throw error;
    return `To read it again failed: ${messageOf(error)}.`;
  }
  return run.secrets.isHeld(key, path) ? undefined : 'It is not there any more.';
}

/** Asks the operator for a secret that only a process that is gone knew. */
async function askAnew(job: Job, path: string, why: string): Promise<void> {
  const { run, step, key } = job;
  const title = `The secret "${path}" that "${step.title}" gave`;
  const question: InputQuestion = {
    type: 'input',
    key,
    id: step.id,
    title,
    choices: ['value', 'note', 'pause', 'abort'],
    why,
    input: { name: path, prompt: title, type: 'secret', options: [], span: step.span },
    check: () => undefined,
  };
  await askValue(run, question, (value, by) => {
    const handle = run.secrets.keep(key, path, shownText(value));
    return [{ type: 'input.answered', scope: key, name: path, value: encodeValue(handle), by }];
  });
}

/** The title of another step that may have changed something since an event; undefined when none has. */
function changeAfter(state: RunState, key: string, seq: number): string | undefined {
  for (const [other, { changed }] of state.steps) {
    if (other !== key && changed !== undefined && changed.seq > seq) return changed.title;
  }
  return undefined;
}
