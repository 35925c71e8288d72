import type { Value, ValueMap } from '../../../base/value.ts';
import { isValueMap } from '../../../base/value.ts';
import { isEmpty, withFilter } from './meaning.ts';
import type { SettingName } from './names.ts';
import { isSameRule, ruleName, rulesIn, withRules } from './rules.ts';

/**
 * What a setting has to be so that it does what is wanted and nothing that it does now is lost: rules are added by
 * their name, and of two strengths the greater one stays.
 */
export function strengthened(name: SettingName, wanted: Value, found: Value): Value {
  if (isEmpty(wanted)) return found;
  if (isEmpty(found)) return completed(name, wanted, found);
  switch (name) {
    case 'versioning':
    case 'acceleration':
      return found === 'Enabled' ? found : wanted;
    case 'ownership':
      return OWNERSHIP.findIndex((each) => each === wanted) < OWNERSHIP.findIndex((each) => each === found)
        ? found
        : wanted;
    case 'requestPayment':
      return found === 'Requester' ? found : wanted;
    // Neither is stronger than the other.
    case 'transitionDefaultMinimumObjectSize':
    case 'website':
      return found;
    case 'objectLock':
      return strongerLock(mapOf(wanted), mapOf(found));
    case 'logging':
      return overlaid(mapOf(found), mapOf(wanted));
    case 'encryption':
      return [strongerEncryption(firstOf(wanted), firstOf(found))];
    case 'publicAccessBlock':
      return bothFlags(mapOf(wanted), mapOf(found));
    case 'tags':
      return { ...mapOf(found), ...tagsOf(wanted, 'own') };
    case 'replication':
      return bothRules(name, { ...mapOf(wanted), ...roleOf(wanted, found) }, wanted, found);
    case 'policy':
    case 'notifications':
      return bothRules(name, { ...mapOf(found), ...mapOf(wanted) }, wanted, found);
    case 'cors':
    case 'lifecycle':
    case 'intelligentTiering':
      return bothRules(name, found, wanted, found);
  }
}

/**
 * What has to be written so that a setting becomes what is wanted and that alone: what S3 decides by itself where
 * nobody says it, and would decide anew, stays as it is.
 */
export function completed(name: SettingName, wanted: Value, found: Value): Value {
  switch (name) {
    case 'encryption':
      return isEmpty(wanted) ? wanted : [{ ...members(firstOf(found), [BLOCKED]), ...firstOf(wanted) }];
    case 'tags':
      return { ...tagsOf(found, 'aws'), ...tagsOf(wanted, 'own') };
    default:
      return withRules(name, wanted, (rules, list) =>
        rules.map((rule) => {
          if (ruleName(name, rule) !== undefined) return rule;
          const same = rulesIn(found, list).find((other) => isSameRule(name, rule, other));
          return { ...members(same ?? {}, ['ID', 'Id', 'Sid']), ...rule };
        }),
      );
  }
}

const mapOf = (value: Value | undefined): ValueMap => (isValueMap(value) ? value : {});
/** The default encryption of a bucket is one rule. */
const firstOf = (value: Value): ValueMap =>
  Array.isArray(value) ? mapOf((value as readonly Value[])[0]) : {};
const members = (map: ValueMap, names: readonly string[]): ValueMap =>
  Object.fromEntries(Object.entries(map).filter(([name]) => names.includes(name)));

/** Tags that begin with `aws:` are of AWS itself (of CloudFormation, say): nobody else may set or take them away. */
const tagsOf = (tags: Value, whose: 'aws' | 'own'): ValueMap =>
  Object.fromEntries(
    Object.entries(mapOf(tags)).filter(([name]) => name.startsWith('aws:') === (whose === 'aws')),
  );

const bothFlags = (wanted: ValueMap, found: ValueMap): ValueMap =>
  Object.fromEntries(
    [...new Set([...Object.keys(found), ...Object.keys(wanted)])].map((flag) => [
      flag,
      wanted[flag] === true || found[flag] === true,
    ]),
  );

const DEFAULTS = 'ApplyServerSideEncryptionByDefault';
const BLOCKED = 'BlockedEncryptionTypes';
/** From weak to strong. */
const ALGORITHMS = ['', 'AES256', 'aws:kms', 'aws:kms:dsse'];

function strongerEncryption(wanted: ValueMap, found: ValueMap): ValueMap {
  const isWeaker = strengthOf(wanted) < strengthOf(found);
  const isStronger = strengthOf(wanted) > strengthOf(found);
  const rule = isWeaker ? found : isStronger ? wanted : overlaid(found, wanted);
  const blocked = [...new Set([...blockedBy(found), ...blockedBy(wanted)])];
  // Nothing is blocked by a word of its own, which stands beside nothing else.
  const types = blocked.length > 1 ? blocked.filter((type) => type !== 'NONE') : blocked;
  return types.length === 0 ? rule : { ...rule, [BLOCKED]: { EncryptionType: types } };
}

const strengthOf = (rule: ValueMap): number =>
  ALGORITHMS.findIndex((algorithm) => algorithm === (mapOf(rule[DEFAULTS])['SSEAlgorithm'] ?? ''));

function blockedBy(rule: ValueMap): readonly Value[] {
  const types = mapOf(rule[BLOCKED])['EncryptionType'];
  return Array.isArray(types) ? (types as readonly Value[]) : [];
}

/** From weak to strong: with ACLs, and without. */
const OWNERSHIP = ['ObjectWriter', 'BucketOwnerPreferred', 'BucketOwnerEnforced'];

/** The stricter mode for the longer time. */
function strongerLock(wanted: ValueMap, found: ValueMap): ValueMap {
  const [ours, theirs] = [retentionOf(wanted), retentionOf(found)];
  if (isEmpty(theirs)) return wanted;
  if (isEmpty(ours)) return found;
  const longer = members(daysOf(ours) > daysOf(theirs) ? ours : theirs, ['Days', 'Years']);
  const mode = [ours, theirs].some(({ Mode }) => Mode === 'COMPLIANCE') ? 'COMPLIANCE' : 'GOVERNANCE';
  return { ...found, Rule: { DefaultRetention: { Mode: mode, ...longer } } };
}

const retentionOf = (lock: ValueMap): ValueMap => mapOf(mapOf(lock['Rule'])['DefaultRetention']);
const daysOf = ({ Days = 0, Years = 0 }: ValueMap): number => Number(Days) + Number(Years) * 365;

/** One role serves all rules: it stays where rules of others need it. */
function roleOf(wanted: Value, found: Value): ValueMap {
  const names = rulesIn(wanted, 'Rules').map((rule) => ruleName('replication', rule));
  const isAlone = rulesIn(found, 'Rules').every((rule) => names.includes(ruleName('replication', rule)));
  return isAlone ? {} : members(mapOf(found), ['Role']);
}

const bothRules = (name: SettingName, setting: Value, wanted: Value, found: Value): Value =>
  withRules(name, setting, (_, list) => mergeRules(name, rulesIn(wanted, list), rulesIn(found, list)));

/** All that are there, changed where one of the same name is wanted, and after them those that nobody has set yet. */
function mergeRules(
  name: SettingName,
  wanted: readonly ValueMap[],
  found: readonly ValueMap[],
): readonly ValueMap[] {
  const kept = found.map((rule) => {
    const id = ruleName(name, rule);
    const other = id === undefined ? undefined : wanted.find((candidate) => ruleName(name, candidate) === id);
    return other === undefined ? rule : bothOf(name, other, rule);
  });
  const added = wanted.filter((rule) => {
    const id = ruleName(name, rule);
    return !found.some(
      (other) => (id !== undefined && ruleName(name, other) === id) || isSameRule(name, rule, other),
    );
  });
  return name === 'replication' ? withPriorities(kept, added) : [...kept, ...added];
}

/** Two rules of one name in one. */
function bothOf(name: SettingName, wanted: ValueMap, found: ValueMap): ValueMap {
  switch (name) {
    // A condition that is there, and is not wanted, makes one statement stronger and another one weaker.
    case 'policy':
    case 'notifications':
      return wanted;
    case 'cors':
      return overlaid(found, wanted, (there, more) => [...new Set([...there, ...more])]);
    // Its place among the others was given to it by whoever set them.
    case 'replication':
      return { ...overlaid(found, wanted), ...members(found, ['Priority']) };
    default:
      return overlaid(mapOf(withFilter(found)), mapOf(withFilter(wanted)));
  }
}

/** Members of which a rule has one of several: the wanted one takes the place of the other. */
const WHOLE: ReadonlySet<string> = new Set(['Filter', 'Expiration']);

/** All members of the one map, and of the other what they do not say. */
function overlaid(
  below: ValueMap,
  above: ValueMap,
  lists: (below: readonly Value[], above: readonly Value[]) => readonly Value[] = (_, wanted) => wanted,
): ValueMap {
  const entries = Object.entries(above).map(([key, value]): [string, Value] => {
    const under = below[key];
    if (isValueMap(value) && isValueMap(under) && !WHOLE.has(key))
      return [key, overlaid(under, value, lists)];
    if (Array.isArray(value) && Array.isArray(under))
      return [key, lists(under as readonly Value[], value as readonly Value[])];
    return [key, value];
  });
  return { ...below, ...Object.fromEntries(entries) };
}

/** S3 takes no priority twice: a new rule whose own is taken goes above all others. */
function withPriorities(kept: readonly ValueMap[], added: readonly ValueMap[]): readonly ValueMap[] {
  return added.reduce<readonly ValueMap[]>((rules, rule) => {
    const taken = rules.map(({ Priority }) => Number(Priority ?? 0));
    const isTaken = 'Priority' in rule && taken.includes(Number(rule['Priority']));
    return [...rules, isTaken ? { ...rule, Priority: Math.max(...taken) + 1 } : rule];
  }, kept);
}
