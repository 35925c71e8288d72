import type { Value, ValueMap } from '../../../base/value.ts';
import { isValueList, isValueMap } from '../../../base/value.ts';
import { isSame } from './meaning.ts';
import type { SettingName } from './names.ts';

interface RuleLists {
  /** The member that names a rule. */
  readonly id: string;
  /** The members that are lists of rules; none where the setting itself is the list. */
  readonly lists?: readonly string[];
}

/** Settings that are made of rules, which come and go one by one. */
const RULES: Readonly<Partial<Record<SettingName, RuleLists>>> = {
  policy: { id: 'Sid', lists: ['Statement'] },
  cors: { id: 'ID' },
  lifecycle: { id: 'ID' },
  intelligentTiering: { id: 'Id' },
  notifications: {
    id: 'Id',
    lists: ['TopicConfigurations', 'QueueConfigurations', 'LambdaFunctionConfigurations'],
  },
  replication: { id: 'ID', lists: ['Rules'] },
};

/** A name for the list that a setting itself is. */
const ITSELF = '';

/** The names of the lists of rules in a setting; none where it is made of no rules. */
export const listsOf = (name: SettingName): readonly string[] => {
  const rules = RULES[name];
  return rules === undefined ? [] : (rules.lists ?? [ITSELF]);
};

/** The rules of one of its lists. A policy may have a single statement instead of a list of it. */
export function rulesIn(setting: Value, list: string): readonly ValueMap[] {
  const rules = list === ITSELF ? setting : isValueMap(setting) ? setting[list] : undefined;
  if (isValueMap(rules)) return [rules];
  return isValueList(rules) ? rules.filter(isValueMap) : [];
}

/** The setting with other rules in its lists. */
export function withRules(
  name: SettingName,
  setting: Value,
  change: (rules: readonly ValueMap[], list: string) => readonly ValueMap[],
): Value {
  return listsOf(name).reduce<Value>((changed, list) => {
    const rules = change(rulesIn(changed, list), list);
    if (list === ITSELF) return rules;
    return isValueMap(changed) && (rules.length > 0 || list in changed)
      ? { ...changed, [list]: rules }
      : changed;
  }, setting);
}

/** The setting with its lists of rules as maps, by the names of the rules or, where one has none, by its place. */
export function rulesByName(name: SettingName, setting: Value): Value {
  const named = (list: string): ValueMap =>
    Object.fromEntries(
      rulesIn(setting, list).map((rule, place) => [ruleName(name, rule) ?? `#${place + 1}`, rule]),
    );
  const lists = listsOf(name);
  if (lists[0] === ITSELF) return named(ITSELF);
  if (!isValueMap(setting)) return isValueList(setting) ? (setting[0] ?? {}) : setting;
  return { ...setting, ...Object.fromEntries(lists.map((list) => [list, named(list)])) };
}

/** What a rule is called; undefined where it has no name. */
export function ruleName(name: SettingName, rule: ValueMap): string | undefined {
  const id = rule[RULES[name]?.id ?? ''];
  return id === undefined || id === '' || typeof id === 'object' ? undefined : String(id);
}

/** Whether they do the same, whatever they are called and wherever they stand among the others. */
export const isSameRule = (name: SettingName, one: ValueMap, other: ValueMap): boolean =>
  isSame(name, alone(name, one), alone(name, other));

/** A setting of this rule and nothing else. */
function alone(name: SettingName, rule: ValueMap): Value {
  const nameless = Object.entries(rule).filter(([key]) => key !== RULES[name]?.id && key !== 'Priority');
  return withRules(name, listsOf(name)[0] === ITSELF ? [] : {}, () => [Object.fromEntries(nameless)]);
}
