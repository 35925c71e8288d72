import type { StepResult } from '../../model/names.ts';
import { createHash } from 'node:crypto';
import { canonicalJson, isJsonArray } from '../../base/json.ts';
import type { Json } from '../../base/json.ts';
import { givingWay } from '../../base/turn.ts';
import type { Value, ValueMap } from '../../base/value.ts';
import { decodeValue, encodeValue, isValueList, isValueMap } from '../../base/value.ts';
import type { FrozenList } from '../../model/flow-event.ts';
import type { ForEach } from '../../model/playbook.ts';
import type { Expression } from '../../model/template.ts';
import { StepError } from '../../model/kind.ts';
import type { RunContext } from '../life/context.ts';
import { CODES } from '../../model/codes.ts';
import type { Frame } from '../life/frame.ts';
import { names } from '../life/names.ts';
import { shownText } from '../life/text.ts';

/** A loop while it runs. */
export interface Loop {
  readonly node: ForEach;
  readonly key: string;
  readonly frame: Frame;
}

export interface LoopResults {
  readonly items: readonly StepResult[];
  readonly counts: { readonly succeeded: number; readonly failed: number };
}

export interface Item {
  readonly value: Value;
  /** Unique in its loop. */
  readonly key: string;
}

/** A longer list is not kept in the journal: it is evaluated again, and must be the same. */
const MOST_KEPT = 256 * 1024;

/** The list of a loop as it is now, and what the journal is to keep of it. */
export async function listOf(
  run: RunContext,
  frame: Frame,
  loop: ForEach,
): Promise<{ readonly list: readonly Value[]; readonly frozen: FrozenList }> {
  const { evaluator, clock } = run.options;
  const given = evaluator.render(loop.in, names(run, frame, clock.now()));
  const list = isValueMap(given)
    ? Object.entries(given).map(([key, value]): ValueMap => ({ key, value }))
    : given;
  if (!isValueList(list)) throw new StepError('this is no list to go over', { code: CODES.list });
  const hash = createHash('sha256');
  const kept: Json[] = [];
  let size = 0;
  const giveWay = givingWay(clock);
  for (const item of list) {
    await giveWay();
    if (run.options.pause.aborted) run.safePoint();
    const json = encodeValue(item);
    const text = canonicalJson(json);
    hash.update(text).update('\n');
    size += text.length;
    if (size <= MOST_KEPT) kept.push(json);
  }
  const digest = hash.digest('hex');
  return { list, frozen: { count: list.length, digest, ...(size <= MOST_KEPT && { items: kept }) } };
}

/** The list that the loop began with: from the journal, or evaluated again and found to be the same. */
export async function frozenList(
  run: RunContext,
  frame: Frame,
  loop: ForEach,
  frozen: FrozenList,
): Promise<readonly Value[]> {
  const { items } = frozen;
  if (items !== undefined && isJsonArray(items)) return items.map(decodeValue);
  const { list, frozen: now } = await listOf(run, frame, loop);
  if (now.digest === frozen.digest) return list;
  throw new StepError(
    `the list is another one than when this loop began (${String(frozen.count)} items then, ${String(now.count)} now)`,
    { code: CODES.list },
  );
}

/** Gives each item its key: what `key` says, else what tells items apart by themselves, else its place. */
export async function itemsOf(
  run: RunContext,
  frame: Frame,
  loop: ForEach,
  list: readonly Value[],
): Promise<readonly Item[]> {
  const items = new Map<string, Item>();
  const giveWay = givingWay(run.options.clock);
  for (const [index, value] of list.entries()) {
    await giveWay();
    if (run.options.pause.aborted) run.safePoint();
    const key =
      loop.key === undefined ? plainKey(value, index) : evaluatedKey(run, frame, loop, loop.key, value);
    if (items.has(key)) throw new StepError(`two items have the key ${key}`, { code: CODES.list });
    items.set(key, { value, key });
  }
  return [...items.values()];
}

function evaluatedKey(run: RunContext, frame: Frame, loop: ForEach, key: Expression, value: Value): string {
  const { evaluator, clock } = run.options;
  return shownText(evaluator.evaluate(key, names(run, frame, clock.now(), namesOfItem(loop, value))));
}

const IDENTIFYING = ['id', 'key', 'name'];

function plainKey(value: Value, index: number): string {
  const named = isValueMap(value)
    ? IDENTIFYING.map((name) => value[name]).find((member) => isPlain(member))
    : value;
  return isPlain(named) ? String(named) : String(index + 1);
}

const isPlain = (value: Value | undefined): value is string | number | bigint =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint';

/** The item under its names. */
export const namesOfItem = (loop: ForEach, value: Value): ValueMap => ({
  item: value,
  ...(loop.as !== undefined && { [loop.as]: value }),
});

/** As a part of step keys, where `/` and brackets have a meaning of their own. */
export const keyPart = (key: string): string => encodeURIComponent(key);
