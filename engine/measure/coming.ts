import { isJsonObject } from '../base/json.ts';
import type { Event } from '../model/event.ts';
import type { Choice } from '../model/walk.ts';
import type { PlannedStep } from './forecast.ts';
import { recordRun } from './record.ts';
import type { RunRecord } from './record.ts';

/** A step of the plan with its place in the tree, as far as it tells what comes after what. */
export interface PlannedPlace extends PlannedStep {
  /** `container`: a call, or branches side by side, of which only the steps inside are told. */
  readonly type: 'step' | 'choose' | 'loop' | 'container';
  readonly choices: readonly Choice[];
  /** Inside of a loop: how often it runs, nobody knows. */
  readonly repeated: boolean;
  /** Done whatever becomes of the run. */
  readonly always: boolean;
  /** Where it goes on beside others: for each `parallel` around it, its key and the branch. */
  readonly lanes: readonly Choice[];
}

/** How far the whole is, and what comes next. */
export interface Coming {
  /** Steps that have begun or that the run has passed by. */
  readonly at: number;
  readonly of: number;
  /** A branch has yet to be chosen: the one with the most steps is counted. */
  readonly atMost: boolean;
  /** Titles of what has not begun, in the order in which it would; it ends at a branch that is to be chosen. */
  readonly next: readonly string[];
}

const NEXT = 3;

/** Where a run stands in its plan. Undefined before it has begun to recover, and once it is over. */
export function coming(events: readonly Event[], plan: readonly PlannedPlace[]): Coming | undefined {
  const record = recordRun(events);
  if (record.finished !== undefined || plan.length === 0) return undefined;
  const chosen = new Map(record.choices.map(({ key, branch }) => [key, branch]));
  const asked = branchesAsked(record);
  // It may have been chosen before, and left for another one.
  for (const key of asked) chosen.delete(key);
  const taken = plan.filter(({ choices }) =>
    choices.every(({ key, branch }) => (chosen.get(key) ?? branch) === branch),
  );
  const isOver = passedIn(taken, begunKeys(record));
  const steps = taken.filter(({ type, always }) => type === 'step' && (record.abort === undefined || always));
  const open = taken.some(({ type, key }, index) => type === 'choose' && !chosen.has(key) && !isOver[index]);
  const over = new Set(taken.filter((_, index) => isOver[index]));
  return {
    at: most(steps.filter((step) => over.has(step))),
    of: most(steps),
    atMost: open,
    next:
      asked.length > 0
        ? []
        : titlesAhead(
            taken.filter((step) => !over.has(step) && (record.abort === undefined || step.always)),
            chosen,
          ),
  };
}

/** Where it is asked right now which branch is to be taken. */
const branchesAsked = ({ gates }: RunRecord): readonly string[] =>
  [...gates.values()].flatMap(({ opened, answered }) =>
    answered === undefined && isJsonObject(opened.question) && opened.question['type'] === 'branch'
      ? [opened.key]
      : [],
  );

/** Keys as the plan has them, with the loops around each: `read[orders]/rows` is `read[*]/rows`, and of `read`. */
function begunKeys(record: RunRecord): ReadonlySet<string> {
  const all = new Set<string>();
  const gates = [...record.gates.values()].map(({ opened }) => opened);
  for (const key of [...record.steps.keys(), ...[...record.scopes, ...gates].map((each) => each.key)]) {
    const planned = key.replaceAll(/\[[^\]]*\]/g, '[*]').replaceAll(/#\d+/g, '#*');
    all.add(planned);
    for (const { index } of planned.matchAll(/\[\*\]|#\*/g)) all.add(planned.slice(0, index));
  }
  return all;
}

/** Of each step, whether it has begun or a later one has, other than one that goes on beside it. */
function passedIn(plan: readonly PlannedPlace[], begun: ReadonlySet<string>): readonly boolean[] {
  const reached = plan.flatMap((step, index) => (begun.has(step.key) ? [index] : []));
  return plan.map((step, index) => {
    const passing = reached.findLast((each) => {
      const other = plan[each];
      return each >= index && other !== undefined && !areBeside(step, other);
    });
    return passing !== undefined;
  });
}

const areBeside = (a: PlannedPlace, b: PlannedPlace): boolean =>
  a.lanes.some(({ key, branch }) => b.lanes.some((lane) => lane.key === key && lane.branch !== branch));

/** How many steps they are, when of each choice the branch with the most is taken. */
function most(steps: readonly Pick<PlannedPlace, 'choices'>[], depth = 0): number {
  const choices = new Map<string, Map<string, Pick<PlannedPlace, 'choices'>[]>>();
  let count = 0;
  for (const step of steps) {
    const choice = step.choices[depth];
    if (choice === undefined) {
      count += 1;
      continue;
    }
    const branches = choices.get(choice.key) ?? new Map<string, Pick<PlannedPlace, 'choices'>[]>();
    choices.set(choice.key, branches.set(choice.branch, [...(branches.get(choice.branch) ?? []), step]));
  }
  for (const branches of choices.values()) {
    count += Math.max(...[...branches.values()].map((branch) => most(branch, depth + 1)));
  }
  return count;
}

function titlesAhead(ahead: readonly PlannedPlace[], chosen: ReadonlyMap<string, string>): readonly string[] {
  const titles: string[] = [];
  for (const { type, key, title, repeated } of ahead) {
    if (titles.length === NEXT) break;
    if (repeated || type === 'container') continue;
    if (type !== 'choose') titles.push(title);
    else if (!chosen.has(key)) return [...titles, title];
  }
  return titles;
}
