import { randomUUID } from 'node:crypto';
import { S3Error, invalidArgument } from './errors.ts';
import { readStorageClass } from './storage-classes.ts';
import type { Element } from './xml.ts';
import { childOf, childrenOf, element, childText } from './xml.ts';

const MAX_RULES = 1000;
const ACTIONS = [
  'Expiration',
  'Transition',
  'NoncurrentVersionExpiration',
  'NoncurrentVersionTransition',
  'AbortIncompleteMultipartUpload',
];
/** Infrequent access is not to be had for younger objects. */
const MIN_IA_DAYS = 30;

/** A lifecycle configuration that S3 would take, with an id for each rule that has none. It is kept, and not carried out. */
export function checkLifecycle(configuration: Element): Element {
  const rules = childrenOf(configuration, 'Rule');
  if (rules.length === 0 || rules.length > MAX_RULES) throw new S3Error('MalformedXML');
  const named = rules.map(checkRule);
  const ids = named.map((rule) => childText(rule, 'ID'));
  if (new Set(ids).size < ids.length) {
    throw new S3Error('InvalidArgument', {
      message: 'Rule ID must be unique. Found same ID for more than one rule',
    });
  }
  return { ...configuration, children: named };
}

function checkRule(rule: Element): Element {
  const status = childText(rule, 'Status');
  if (status !== 'Enabled' && status !== 'Disabled') throw new S3Error('MalformedXML');
  // One of them, and `Prefix` is the old form: a rule without either is refused, not taken for all objects.
  if ((childOf(rule, 'Filter') === undefined) === (childOf(rule, 'Prefix') === undefined)) {
    throw new S3Error('MalformedXML');
  }
  if (!rule.children.some(({ name }) => ACTIONS.includes(name))) {
    throw new S3Error('InvalidRequest', { message: 'At least one action needs to be specified in a rule' });
  }
  const expiration = childOf(rule, 'Expiration');
  if (expiration !== undefined) {
    // Days, a date, or «delete markers that nothing is left of»: exactly one of them.
    if (expiration.children.length !== 1) throw new S3Error('MalformedXML');
    checkDays(expiration, 'Days', 'Expiration');
  }
  for (const transition of childrenOf(rule, 'Transition')) checkTransition(transition, 'Days', 'Transition');
  for (const transition of childrenOf(rule, 'NoncurrentVersionTransition')) {
    checkTransition(transition, 'NoncurrentDays', 'NoncurrentVersionTransition');
  }
  const noncurrent = childOf(rule, 'NoncurrentVersionExpiration');
  if (noncurrent !== undefined) {
    if (childText(noncurrent, 'NoncurrentDays') === undefined) throw new S3Error('MalformedXML');
    checkDays(noncurrent, 'NoncurrentDays', 'NoncurrentVersionExpiration');
  }
  checkOrder(rule);
  const id = childText(rule, 'ID');
  if (id !== undefined && id.length > 255)
    throw invalidArgument('ID length should not exceed allowed limit of 255', 'ID', id);
  return id === undefined ? { ...rule, children: [element('ID', randomUUID()), ...rule.children] } : rule;
}

function checkTransition(transition: Element, daysName: string, action: string): void {
  const name = childText(transition, 'StorageClass');
  if (name === undefined || transition.children.length < 2) throw new S3Error('MalformedXML');
  const storageClass = readStorageClass(name);
  const days = checkDays(transition, daysName, action);
  if (days !== undefined && days < MIN_IA_DAYS && ['STANDARD_IA', 'ONEZONE_IA'].includes(storageClass)) {
    throw new S3Error('InvalidArgument', {
      message: `'${daysName}' in ${action} action must be greater than or equal to ${String(MIN_IA_DAYS)} for storageClass '${storageClass}'`,
    });
  }
}

/** Objects go to another class before they expire. */
function checkOrder(rule: Element): void {
  const expiration = childOf(rule, 'Expiration');
  const expires = expiration === undefined ? undefined : childText(expiration, 'Days');
  for (const transition of childrenOf(rule, 'Transition')) {
    const days = childText(transition, 'Days');
    if (expires !== undefined && days !== undefined && Number(days) >= Number(expires)) {
      throw new S3Error('InvalidArgument', {
        message: "'Days' in the Expiration action must be greater than 'Days' in the Transition action",
      });
    }
  }
}

function checkDays(action: Element, name: string, title: string): number | undefined {
  const text = childText(action, name);
  if (text === undefined) return undefined;
  const days = Number(text);
  // An object may be moved on the day it is written, but not expire on it.
  if (!Number.isInteger(days) || days < (title.endsWith('Transition') ? 0 : 1)) {
    throw new S3Error('InvalidArgument', {
      message: `'${name}' for ${title} action must be a positive integer`,
    });
  }
  return days;
}
