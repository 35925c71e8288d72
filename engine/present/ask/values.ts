import { canonicalJson } from '../../base/json.ts';
import { readJson } from '../../base/json-text.ts';
import { ok } from '../../base/result.ts';
import type { Value, ValueMap } from '../../base/value.ts';
import { decodeValue, encodeValue, isValueList, isValueMap } from '../../base/value.ts';
import { asData, isHandle } from '../../model/handle.ts';
import type { Asker } from './asker.ts';

/** One value of any kind: JSON where it is JSON (`3`, `true`, `{"a":1}`), else the text itself. */
export async function askValue(
  message: string,
  before: Value | undefined,
  asker: Asker,
  hidden = false,
): Promise<{ readonly value: Value } | undefined> {
  // A handle may stay where it was; nobody names a secret by typing one.
  const known = new Set(handlesIn(before ?? null).map(written));
  const read = (typed: string): Value => {
    // A text that is left as it was stays a text, even one that looks like a number.
    if (typeof before === 'string' && typed === before) return before;
    try {
      return asData(decodeValue(readJson(typed)), (handle) => known.has(written(handle)));
    } catch {
      return typed;
    }
  };
  return asker.field({
    message,
    ...(before !== undefined && { initial: written(before) }),
    parse: (typed) => ok({ value: read(typed) }),
    ...(hidden && { hidden }),
    comment: (typed) => ({ good: true, text: kindOf(read(typed)) }),
  });
}

function handlesIn(value: Value): readonly Value[] {
  if (isHandle(value)) return [value];
  if (isValueList(value)) return value.flatMap(handlesIn);
  return isValueMap(value) ? Object.values(value).flatMap(handlesIn) : [];
}

const written = (value: Value): string =>
  typeof value === 'string' || typeof value === 'bigint' ? String(value) : canonicalJson(encodeValue(value));

function kindOf(value: Value): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? value.constructor.name.toLowerCase() : `a ${typeof value}`;
}

const READY = 'ready';

/** The members of a step's `with`, changed one by one. Undefined: Escape, nothing is retried. */
export async function askValues(args: ValueMap, asker: Asker): Promise<ValueMap | undefined> {
  let values = args;
  for (;;) {
    const names = Object.keys(values);
    const picked = await asker.menu({
      message: 'Which value is to be another?',
      choices: [
        ...names.map((name, index) => ({
          key: index < 9 ? String(index + 1) : '',
          value: `arg/${name}`,
          label: `${name}: ${written(values[name] ?? null)}`,
        })),
        { key: 'r', value: READY, label: 'Retry with these' },
        { key: 'b', value: 'back', label: 'Back' },
      ],
      items: [],
      ticked: [],
    });
    if (picked.value === READY) return values;
    if (picked.value === 'back') return undefined;
    const name = picked.value.slice('arg/'.length);
    const changed = await askValue(`${name}:`, values[name], asker);
    if (changed !== undefined) values = { ...values, [name]: changed.value };
  }
}
