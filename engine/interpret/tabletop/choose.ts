import type { Branch, Choose, Node } from '../../model/playbook.ts';
import type { BranchQuestion } from '../../model/ports.ts';
import type { RunContext } from '../life/context.ts';
import { Aborting, ENGINE, LeaveBranch } from '../life/control.ts';
import { shownText } from '../life/text.ts';
import { ask, decided } from '../people/ask.ts';
import { whether } from './ask.ts';
import { knownAt, leaveAllUnknown, leaveUnknown, setKnown } from './place.ts';
import type { Place } from './place.ts';

type Talk = (run: RunContext, nodes: readonly Node[], place: Place) => Promise<void>;

/** Takes the branch that is known to be taken, or the one that people choose. */
export async function talkChoose(run: RunContext, place: Place, choose: Choose, talk: Talk): Promise<void> {
  const { log } = run;
  const key = `${place.prefix}${choose.id}`;
  if (log.state.left.get(key)?.outcome === 'skipped') return;
  if (!log.state.branches.has(key)) {
    run.safePoint();
    const { when } = choose;
    if (
      when !== undefined &&
      !(await whether(run, place, { key, name: 'when', node: choose, condition: when }))
    ) {
      return log.append({ type: 'scope.left', key, outcome: 'skipped' });
    }
    await take(run, key, await pick(run, place, choose, key));
  }
  for (let turn = 0; ; turn++) {
    const name = log.state.branches.get(key)?.[turn];
    const branch = choose.branches.find((each) => each.name === name);
    if (branch === undefined) throw new Error(`${key}: there is no branch ${String(name)}`);
    const other = await talkBranch(run, place, { choose, branch, key }, talk);
    if (other === undefined) break;
    if (log.state.branches.get(key)?.[turn + 1] === undefined)
      await take(run, key, { branch: other, by: ENGINE });
  }
  if (!log.state.left.has(key)) await log.append({ type: 'scope.left', key, outcome: 'done' });
}

/** The branch for which this one was left, if it was. */
async function talkBranch(
  run: RunContext,
  place: Place,
  { choose, branch, key }: { readonly choose: Choose; readonly branch: Branch; readonly key: string },
  talk: Talk,
): Promise<string | undefined> {
  const { log } = run;
  const scope = `${key}/${branch.name}`;
  if (!log.state.entered.has(scope)) {
    await log.append({ type: 'scope.entered', key: scope, kind: 'branch', title: branch.title });
  }
  const leave = async (outcome: 'done' | 'failed'): Promise<void> => {
    if (!log.state.left.has(scope)) await log.append({ type: 'scope.left', key: scope, outcome });
  };
  try {
    await talk(run, branch.steps, { ...place, phase: `${scope}/` });
    await leave('done');
    giveOutputs(run, place, choose, branch);
    return undefined;
  } catch (error) {
    if (!(error instanceof LeaveBranch) || choose.branches.every(({ name }) => name !== error.branch))
      throw error;
    await leave('failed');
    return error.branch;
  }
}

/** Known where all of them are: then later steps know them as well. */
function giveOutputs(run: RunContext, place: Place, { id, branches }: Choose, { outputs }: Branch): void {
  for (const { steps } of branches) leaveAllUnknown(place, steps);
  const known = knownAt(run, place);
  const values = outputs.map(({ key, value }) => [key, known.value(value)] as const);
  const given = values.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  if (given.length === values.length) setKnown(place, id, Object.fromEntries(given));
  else leaveUnknown(place, id);
}

interface Taken {
  readonly branch: string;
  readonly by: string;
}

const take = (run: RunContext, key: string, taken: Taken): Promise<void> =>
  run.log.append({ type: 'branch.chosen', key, ...taken });

async function pick(run: RunContext, place: Place, choose: Choose, key: string): Promise<Taken> {
  const known = knownAt(run, place);
  const open = choose.branches.filter(({ when }) => when === undefined || known.test(when) !== 'no');
  const named = (expression: Choose['pick']): string | undefined => {
    const value = expression === undefined ? undefined : known.valueOf(expression);
    const name = value === undefined ? undefined : shownText(value);
    return open.some((branch) => branch.name === name) ? name : undefined;
  };
  const picked = named(choose.pick);
  if (picked !== undefined) return { branch: picked, by: ENGINE };
  const preset = named(choose.default);
  const question: BranchQuestion = {
    type: 'branch',
    key,
    id: choose.id,
    title: choose.prompt === undefined ? choose.title : known.text(choose.prompt),
    choices: ['branch', 'note', 'pause', 'abort'],
    ...(choose.why !== undefined && { why: choose.why }),
    branches: open.map(({ name, title }) => ({ name, title })),
    ...(preset !== undefined && { default: preset }),
  };
  return askForBranch(run, question);
}

async function askForBranch(run: RunContext, question: BranchQuestion): Promise<Taken> {
  const recorded = run.log.state.steps.get(question.key)?.decision;
  const decision = recorded?.question === 'branch' ? decided(recorded) : await ask(run, question);
  if (decision === undefined) throw new Error('a choice cannot be closed');
  const { answer, reason, by, values } = decision;
  if (answer === 'abort') throw new Aborting(reason ?? `${question.title}: aborted`, by);
  return { branch: shownText(values?.['branch'] ?? null), by };
}
