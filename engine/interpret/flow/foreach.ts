import { decodeValue, encodeValue } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import type { EventBody, ScopeLeft } from '../../model/event.ts';
import type { FrozenList } from '../../model/flow-event.ts';
import type { StepResult } from '../../model/names.ts';
import type { ForEach } from '../../model/playbook.ts';
import { runBatches } from './batches.ts';
import type { RunContext } from '../life/context.ts';
import { Aborting, GivenUp } from '../life/control.ts';
import { evaluateOrAsk } from './evaluate-or-ask.ts';
import { settled } from '../debts/debts.ts';
import { CODES } from '../../model/codes.ts';
import { resultOf, resultsOf, setResult } from '../life/frame.ts';
import type { Frame } from '../life/frame.ts';
import { endItem } from '../debts/ending.ts';
import { frozenList, itemsOf, keyPart, listOf, namesOfItem } from './items.ts';
import type { Item, Loop, LoopResults } from './items.ts';
import { passLoopGate } from './loop-gate.ts';
import { outputsOf } from './outputs.ts';
import { sideBySide } from './side-by-side.ts';
import type { Lane } from './side-by-side.ts';
import { beforeEntering } from '../life/safe-point.ts';
import { isWanted } from './when.ts';
import { leaveWhole, oweWhole, withinWhole } from './undo-of-whole.ts';

/** The same steps for each item. The list is frozen when the loop is entered. */
export async function runForEach(run: RunContext, frame: Frame, node: ForEach): Promise<void> {
  const { log } = run;
  const { id, title } = node;
  const key = `${frame.prefix}${id}`;
  const left = log.state.left.get(key);
  if (left?.outcome === 'skipped') return;
  if (left?.outcome === 'declined') {
    setResult(frame, id, { outcome: 'declined', items: [] });
    return;
  }
  const items = await evaluateOrAsk(run, frame, { key, id, title }, 'Find out what to go over', async () => {
    const frozen = log.state.lists.get(key);
    if (frozen !== undefined)
      return { items: await itemsOf(run, frame, node, await frozenList(run, frame, node, frozen)) };
    beforeEntering(run, frame);
    return undefined;
  });
  const entered = items?.items ?? (await enter(run, frame, node, key));
  if (entered === undefined) return log.append({ type: 'scope.left', key, outcome: 'skipped' });
  if (!(await passLoopGate(run, { node, key, frame }, entered))) {
    setResult(frame, id, { outcome: 'declined', items: [] });
    return log.append({ type: 'scope.left', key, outcome: 'declined' });
  }
  const loop = { node, key, frame: node.confirm === undefined ? frame : { ...frame, covered: true } };
  const whole = { run, frame, key, id, title };
  await oweWhole(whole, node.whole?.undo);
  const results = new Map<string, StepResult>();
  const batches: { results?: LoopResults } = {};
  const failure = await withinWhole(whole, node.whole ?? {}, async (within) => {
    if (node.batch === undefined) await runItems(within, loop, entered, results);
    else batches.results = await runBatches(within, loop, entered);
  });
  const { items: each, counts } = batches.results ?? resultsIn(entered, results);
  const output = { count: entered.length, ...counts };
  if (failure !== undefined) {
    const { error } = failure;
    const outcome = error.code === CODES.timeout ? 'timedOut' : 'failed';
    setResult(frame, id, { outcome, output, items: each, error });
    return leaveWhole(run, key, failure);
  }
  setResult(frame, id, { outcome: 'succeeded', output, items: each });
  const paid = settled({ run, frame }, node.whole?.settles ?? []);
  if (left !== undefined) return paid.length === 0 ? undefined : log.append(...paid);
  const marks = marksOf(run, node, key);
  await log.append(...marks, ...paid, {
    type: 'scope.left',
    key,
    outcome: 'done',
    output: encodeValue(output),
  });
}

const marksOf = (run: RunContext, { whole }: ForEach, key: string): readonly EventBody[] =>
  (whole?.mark ?? []).map((mark) => ({
    type: 'mark.set',
    mark,
    time: run.options.clock.now().epochMicros,
    key,
    source: 'step',
  }));

/** Undefined when it is not wanted, or there is no list to be had. */
async function enter(
  run: RunContext,
  frame: Frame,
  node: ForEach,
  key: string,
): Promise<readonly Item[] | undefined> {
  const { id, title } = node;
  const of = { key, id, title };
  if (!(await isWanted(run, frame, node, key))) return undefined;
  const made = await evaluateOrAsk(run, frame, of, 'Find out what to go over', async () => {
    const { list, frozen } = await listOf(run, frame, node);
    return { items: await itemsOf(run, frame, node, list), frozen };
  });
  if (made === undefined) return undefined;
  const { items, frozen } = made;
  const list: FrozenList = frozen;
  await run.log.append({ type: 'scope.entered', key, kind: 'forEach', title, list });
  return items;
}

async function runItems(
  run: RunContext,
  loop: Loop,
  items: readonly Item[],
  results: Map<string, StepResult>,
): Promise<void> {
  const { concurrency, onFailure: rule } = loop.node;
  const lanes = items.map((item) => laneOf(loop, item, results));
  await sideBySide(run, lanes, { concurrency, rule });
}

/** What became of each item; one that was not begun was skipped. */
function resultsIn(items: readonly Item[], results: ReadonlyMap<string, StepResult>): LoopResults {
  const failed = [...results.values()].filter(({ outcome }) => outcome === 'failed').length;
  return {
    items: items.map(({ key, value }) => results.get(key) ?? { item: value, key, outcome: 'skipped' }),
    counts: { succeeded: results.size - failed, failed },
  };
}

function laneOf(loop: Loop, item: Item, results: Map<string, StepResult>): Lane {
  const key = `${loop.key}[${keyPart(item.key)}]`;
  return {
    key,
    walk: async (run) => {
      const { log } = run;
      const { node } = loop;
      if (!log.state.entered.has(key)) {
        beforeEntering(run, loop.frame);
        await log.later({ type: 'scope.entered', key, kind: 'item', title: item.key });
      }
      const frame = itemFrame(loop, item, key);
      const left = log.state.left.get(key);
      let failed: FailedItem | undefined;
      let output: Value | undefined;
      try {
        await run.walk(node.steps, frame);
        output = await outputOf(
          run,
          loop,
          frame,
          key,
          left?.output === undefined ? undefined : decodeValue(left.output),
        );
      } catch (thrown) {
        failed = causeOf(thrown);
        if (failed === undefined) throw thrown;
        results.set(item.key, itemResult(item, failed));
        if (failed.by === undefined && !mayFail(run, loop, key)) throw thrown;
        if (thrown instanceof GivenUp && left === undefined) await endItem(run, key, thrown);
      }
      results.set(item.key, itemResult(item, failed, output));
      if (left !== undefined) return;
      if (failed !== undefined) return log.append({ type: 'scope.left', key, outcome: 'failed', ...failed });
      const kept = output === undefined ? {} : { output: encodeValue(output) };
      await log.later({ type: 'scope.left', key, outcome: 'done', ...kept });
    },
  };
}

const itemResult = (item: Item, failed: FailedItem | undefined, output?: Value): StepResult => ({
  item: item.value,
  key: item.key,
  ...resultOf({ outcome: failed === undefined ? 'succeeded' : 'failed', output, error: failed?.error }),
});

type FailedItem = Required<Pick<ScopeLeft, 'error'>> & Pick<ScopeLeft, 'by'>;

/** What an item failed with; undefined where it is the run that ends, or where it is led out of the loop. */
function causeOf(thrown: unknown): FailedItem | undefined {
  if (thrown instanceof GivenUp) return { error: thrown.failure, by: thrown.by };
  const failed = thrown instanceof Aborting && thrown.by === undefined ? thrown.failure : undefined;
  return failed === undefined ? undefined : { error: failed };
}

/** Whether this item's failure is among those that the loop tolerates. What the operator gave up does not count. */
function mayFail(run: RunContext, { node, key }: Loop, item: string): boolean {
  const { left } = run.log.state;
  if (left.get(item)?.error !== undefined) return true;
  const isOther = (each: string): boolean => each.startsWith(`${key}[`) && !each.includes('/', key.length);
  const others = [...left].filter(
    ([each, { error, by }]) => error !== undefined && by === undefined && isOther(each),
  );
  return others.length < node.tolerate;
}

/** Nobody is asked about a failed item when the playbook says what its failure leads to. */
const isUnasked = ({ tolerate, whole }: ForEach): boolean =>
  tolerate > 0 || (whole?.onFailure !== undefined && whole.onFailure.do !== 'ask');

function itemFrame({ node, key: loopKey, frame }: Loop, item: Item, key: string): Frame {
  const prefix = `${key}/`;
  return {
    ...frame,
    prefix,
    phase: prefix,
    results: { ...frame.results, ...resultsOf(node.steps) },
    also: { ...frame.also, ...namesOfItem(node, item.value) },
    turns: [...(frame.turns ?? []), { item: item.key, loop: loopKey }],
    item: { name: item.key, tolerant: isUnasked(node) || frame.item?.tolerant === true },
  };
}

async function outputOf(
  run: RunContext,
  { node }: Loop,
  frame: Frame,
  key: string,
  recorded: Value | undefined,
): Promise<Value | undefined> {
  // An earlier version wrote null where there is none.
  if (recorded !== undefined) return recorded ?? undefined;
  const { outputs, steps, id, title } = node;
  if (outputs !== undefined) return outputsOf(run, frame, outputs, { key, id, title });
  const only = steps.length === 1 ? steps[0] : undefined;
  return only === undefined ? undefined : frame.results[only.id]?.output;
}
