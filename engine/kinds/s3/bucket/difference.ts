import { shownJson } from '../../../base/json-text.ts';
import type { Value } from '../../../base/value.ts';
import { isValueList, isValueMap } from '../../../base/value.ts';
import { isEmpty, isSame } from './meaning.ts';
import { rulesByName } from './rules.ts';
import type { SettingName } from './names.ts';

/** What of a setting becomes another, for people, a line each: `lifecycle.Tidy.Expiration.Days: 7 → 30`. */
export function differences(name: SettingName, before: Value, after: Value): readonly string[] {
  if (isSame(name, before, after)) return [];
  return [...between(name, rulesByName(name, before), rulesByName(name, after))];
}

function* between(path: string, before: Value | undefined, after: Value | undefined): Generator<string> {
  if (isValueMap(before) && isValueMap(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      yield* between(`${path}.${key}`, before[key], after[key]);
    }
    return;
  }
  const [was, becomes] = [shown(before), shown(after)];
  if (was !== becomes) yield `${path}: ${was} → ${becomes}`;
}

function shown(value: Value | undefined): string {
  if (value === undefined || isEmpty(value)) return 'nothing';
  return isValueList(value) || isValueMap(value) ? shownJson(value) : String(value);
}
