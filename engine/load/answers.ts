import type { Value, ValueMap } from '../base/value.ts';
import { isValueMap } from '../base/value.ts';
import type { Node, Playbook } from '../model/playbook.ts';
import type { Template } from '../model/template.ts';
import { breakingSteps, placedSteps } from '../model/walk.ts';
import { nearest } from '../source/nearest.ts';

/** What asks something in a run of a playbook, as answers that are given beforehand name it. */
export interface Answerable {
  isAsked(key: string): boolean;
  /** What may be meant by a key that nothing asks for. */
  nearestTo(key: string): string | undefined;
}

/** Says yes to every gate. */
const EVERY_GATE = '*';

/** Answers to failures and doubts are written apart: no word for a gate may settle them. */
const TO_A_FAILURE = 'onFailure/';

/**
 * Names inputs, steps, and steps of one item or round: `restore`, `tables[general]/load`, `load[general]`,
 * `hunt#2/pick`, `pick#2`. Those of called playbooks count too: they ask in the caller's run.
 *
 * @param conditions what is asked of a node besides, where nobody can know it: `restore/when`
 */
export function answerable(playbook: Playbook, conditions: readonly string[] = []): Answerable {
  const names = new Set([EVERY_GATE, ...inputsOf(playbook)]);
  const places = new Set<string>();
  const nodes = [playbook, ...breakingSteps(playbook)].flatMap((each) => [...keysIn(each, names)]);
  const keys = nodes.flatMap((key) => [key, ...conditions.map((each) => `${key}/${each}`)]);
  for (const key of keys) {
    const parts = key.split('/');
    for (let from = 0; from < parts.length; from++) places.add(parts.slice(from).join('/'));
    const id = parts.at(-1) ?? key;
    if (key.includes('#*/')) places.add(`${id}#*`);
    if (key.includes('[*]/')) places.add(`${id}[*]`);
  }
  const without = (key: string): string =>
    key.startsWith(TO_A_FAILURE) ? key.slice(TO_A_FAILURE.length) : key;
  return {
    isAsked: (key) => names.has(without(key)) || places.has(generalised(without(key))),
    nearestTo: (key) =>
      nearest(without(key), [...names, ...[...places].filter((place) => !/[*/]/.test(place))]),
  };
}

/** Of one item or round, as of any. */
const generalised = (key: string): string => key.replaceAll(/\[[^\]]*\]/g, '[*]').replaceAll(/#\d+/g, '#*');

const inputsOf = (playbook: Playbook): readonly string[] => playbook.inputs.map(({ name }) => name);

/** The keys of all steps, undos included; names of inputs that are asked on the way are put into `names`. */
function* keysIn(playbook: Playbook, names: Set<string>): Generator<string> {
  for (const { key, node } of placedSteps(playbook)) {
    yield key;
    if (node.type === 'repeat') yield* [`${key}#*`, `${key}#*/accept`];
    if (node.type === 'call') for (const name of inputsOf(node.playbook)) names.add(name);
    if (node.type === 'step') for (const name of inputNames(node.with)) names.add(name);
    const undo = undoOf(node);
    if (undo.length === 0) continue;
    for (const inner of keysIn({ ...playbook, steps: undo, always: [] }, names)) yield `${key}!undo/${inner}`;
  }
}

function undoOf(node: Node): readonly Node[] {
  if (node.type === 'forEach') return node.whole?.undo?.steps ?? [];
  return node.type === 'step' || node.type === 'call' ? (node.undo?.steps ?? []) : [];
}

/** A step that asks late has its inputs among its arguments. */
function inputNames(args: Template): readonly string[] {
  if (args.type === 'literal') return Object.keys(mapOf(mapOf(args.value)['inputs']));
  if (args.type !== 'map') return [];
  const inputs = args.entries.find(({ key }) => key === 'inputs')?.value;
  if (inputs?.type === 'literal') return Object.keys(mapOf(inputs.value));
  return inputs?.type === 'map' ? inputs.entries.map(({ key }) => key) : [];
}

const mapOf = (value: Value | undefined): ValueMap => (isValueMap(value) ? value : {});
