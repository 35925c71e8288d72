import { createHash } from 'node:crypto';
import { CODES } from '../../model/codes.ts';
import type { FailureQuestion } from '../../model/ports.ts';
import type { PlacedStep } from '../../model/walk.ts';
import { ask, decided } from '../people/ask.ts';
import type { RunContext } from '../life/context.ts';
import { Aborting, ENGINE } from '../life/control.ts';
import type { Frame } from '../life/frame.ts';
import { names } from '../life/names.ts';
import { findMissing } from './readiness.ts';
import type { Missing } from './readiness.ts';

/** The question about what is missing: its key, and its id for answers given beforehand (`onFailure/preflight`). */
export const PREFLIGHT = 'preflight';

/**
 * Before the first write: what the steps still to come need is looked for, all of it at once. The operator
 * decides on what is missing, before anything was stopped or changed; what only a branch needs that may
 * not be taken is noted.
 */
export async function preflight(run: RunContext, frame: Frame): Promise<void> {
  for (;;) {
    const missing = await findMissing({
      ...run.options,
      environment: run.environment,
      secrets: run.secrets,
      scope: (playbook) =>
        playbook === frame.playbook
          ? names(run, frame, run.options.clock.now())
          : { env: run.environment.data, inputs: {}, vars: {}, steps: {} },
      comes: (placed) => comes(run, placed),
    });
    const certain = missing.filter((each) => each.certain);
    if (certain.length > 0 && (await decide(run, certain)) === 'again') continue;
    const others = missing.filter((each) => !each.certain);
    if (others.length > 0) {
      const text = `Missing where a step needs it that may not come: ${inWords(others)}`;
      await run.log.append({ type: 'note.added', key: PREFLIGHT, text, by: ENGINE });
    }
    return;
  }
}

function comes({ log }: RunContext, { key, choices, always }: PlacedStep): 'yes' | 'no' | 'maybe' {
  const { steps, branches, left } = log.state;
  if (steps.get(key)?.finished !== undefined) return 'no';
  const scopes = [...key.matchAll(/\[\*\]|#\*|\//g)].map(({ index }) => key.slice(0, index));
  if (scopes.some((scope) => left.has(scope))) return 'no';
  const taken = choices.map((choice) => {
    const last = branches.get(choice.key)?.at(-1);
    return last === undefined ? 'maybe' : last === choice.branch ? 'yes' : 'no';
  });
  if (taken.includes('no')) return 'no';
  return always || taken.includes('maybe') ? 'maybe' : 'yes';
}

async function decide(run: RunContext, missing: readonly Missing[]): Promise<'again' | 'goOn'> {
  const digest = createHash('sha256').update(inWords(missing)).digest('hex');
  const recorded = run.log.state.steps.get(PREFLIGHT)?.decision;
  const known = recorded?.answer === 'accept' && recorded.digest === digest ? decided(recorded) : undefined;
  const decision = known ?? (await ask(run, question(missing), { digest }));
  switch (decision?.answer) {
    case 'retry':
      return 'again';
    case 'accept':
      return 'goOn';
    default:
      throw new Aborting(decision?.reason ?? `missing: ${inWords(missing)}`, decision?.by);
  }
}

function question(missing: readonly Missing[]): FailureQuestion {
  const hints = missing.flatMap(({ hint }) => hint ?? []);
  return {
    type: 'failure',
    key: PREFLIGHT,
    id: PREFLIGHT,
    title: 'Before the first change: is everything there?',
    choices: ['retry', 'accept', 'note', 'pause', 'abort'],
    describe: 'Look for what the steps still to come need',
    error: {
      code: CODES.preflight,
      message: `nothing was changed yet, and this is missing: ${inWords(missing)}`,
      changed: 'nothing',
      ...(hints.length !== 0 && { hint: [...new Set(hints)].join(' ') }),
    },
    attempt: 1,
    args: {},
  };
}

/** How many of the steps are named. */
const NAMED = 3;

const inWords = (missing: readonly Missing[]): string =>
  missing.map(({ what, steps }) => `${what} (for ${inList([...new Set(steps)])})`).join('; ');

function inList(titles: readonly string[]): string {
  const more = titles.length - NAMED;
  const shown = titles.slice(0, NAMED).map((title) => `"${title}"`);
  return more > 0 ? `${shown.join(', ')} and ${String(more)} more` : shown.join(', ');
}
