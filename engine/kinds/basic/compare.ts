import type { Value } from '../../base/value.ts';
import { isValueMap } from '../../base/value.ts';
import type { StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import type { Tolerance } from './values.ts';
import { isWithin, keyText, toleranceOf } from './values.ts';
import type { Output, With } from '../types.ts';

type Args = With['compare'];
type Result = Output['compare'];

/** Of each kind of difference, in the output and so in the journal; the counts are of all. */
const MOST = 1000;

/**
 * Holds two lists against each other by a key: what is missing, what is extra, what differs by more than a tolerance.
 * The result is an answer and no failure: `assert` says what it has to be.
 */
export const compare: StepKind<Args, Result> = {
  name: 'compare',
  effect: () => 'none',
  describe(args) {
    const keys = args.key ?? [];
    const lists = `${args.left.length} with ${args.right.length} entries`;
    return `Compare ${lists}${keys.length === 0 ? '' : ` by ${keys.join(', ')}`}`;
  },
  targets: () => [],
  run(args) {
    return Promise.resolve().then(() => compared(args));
  },
};

function compared(args: Args): Result {
  const keys = args.key ?? [];
  const left = byKey(args.left, keys, 'left');
  const right = byKey(args.right, keys, 'right');
  const tolerances = tolerancesOf(args);
  const ignored = new Set([...(args.ignore ?? []), ...keys]);
  const missing: Value[] = [];
  const different: Difference[] = [];
  let same = 0;
  for (const [text, entry] of left) {
    const other = right.get(text);
    if (other === undefined) {
      missing.push(entry.key);
      continue;
    }
    const found = differences(entry, other.value, ignored, tolerances);
    if (found.length === 0) same += 1;
    else different.push(...found);
  }
  const extra = [...right].filter(([text]) => !left.has(text)).map(([, { key }]) => key);
  const entriesThatDiffer = left.size - missing.length - same;
  return {
    equal: missing.length === 0 && extra.length === 0 && different.length === 0,
    counts: {
      left: left.size,
      right: right.size,
      same,
      missing: missing.length,
      extra: extra.length,
      different: entriesThatDiffer,
    },
    missing: missing.slice(0, MOST),
    extra: extra.slice(0, MOST),
    different: different.slice(0, MOST),
    truncated: Math.max(missing.length, extra.length, different.length) > MOST,
  };
}

type Difference = Result['different'][number];

interface Entry {
  readonly key: Value;
  readonly value: Value;
}

/** A list of maps by the members that are its key; a list of anything else by its values. */
function byKey(entries: readonly Value[], keys: readonly string[], side: string): ReadonlyMap<string, Entry> {
  const found = new Map<string, Entry>();
  for (const [index, value] of entries.entries()) {
    const key = keyOf(value, keys, `${side}[${index}]`);
    const text = keyText(key);
    if (found.has(text)) {
      throw new StepError(`${side} has two entries with the key ${text}`, {
        code: 'duplicateKey',
        hint: 'Name more members in "key", so that each entry has one of its own.',
      });
    }
    found.set(text, { key, value });
  }
  return found;
}

function keyOf(value: Value, keys: readonly string[], place: string): Value {
  if (keys.length === 0) return value;
  const parts = keys.map((key) => {
    const part = isValueMap(value) ? value[key] : undefined;
    if (part !== undefined && part !== null) return part;
    throw new StepError(`${place} has no "${key}"`, {
      code: 'noKey',
      hint: 'Every entry needs every member of the key; leave "key" out for lists of plain values.',
    });
  });
  return parts.length === 1 ? (parts[0] ?? null) : parts;
}

type Tolerances = (member: string) => Tolerance | undefined;

/** One for all numbers and times, or one for each member. */
function tolerancesOf(args: Args): Tolerances {
  const { tolerance } = args;
  if (!isValueMap(tolerance)) {
    const common = tolerance === undefined ? undefined : toleranceOf(tolerance);
    return () => common;
  }
  const each = new Map(Object.entries(tolerance).map(([member, value]) => [member, toleranceOf(value)]));
  return (member) => each.get(member);
}

function differences(
  { key, value }: Entry,
  other: Value,
  ignored: ReadonlySet<string>,
  tolerances: Tolerances,
): readonly Difference[] {
  if (!isValueMap(value) || !isValueMap(other)) {
    return isWithin(value, other, tolerances('')) ? [] : [{ key, member: null, left: value, right: other }];
  }
  const members = new Set([...Object.keys(value), ...Object.keys(other)]);
  return [...members]
    .filter((member) => !ignored.has(member))
    .filter((member) => !isWithin(value[member] ?? null, other[member] ?? null, tolerances(member)))
    .map((member) => ({ key, member, left: value[member] ?? null, right: other[member] ?? null }));
}
