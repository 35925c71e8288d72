import { isJsonObject } from '../../base/json.ts';
import type { Effect } from '../../model/playbook.ts';
import type { KindSchema } from '../schemas/kind-schema.ts';
import { entries, member, stringOf } from '../syntax/tree.ts';
import type { Tree } from '../syntax/tree.ts';
import type { Unit } from './unit.ts';

/** What a step does: as its kind knows it, else as the step says it. */
export const effectSaid = (step: Tree, kind: KindSchema | undefined): Effect | undefined =>
  kind === undefined || kind.effect === 'unknown' ? (effectWord(step) ?? kind?.effect) : kind.effect;

/** `effect` of a step. That a step only reads is not believed of one that cannot. */
export function effectAt(step: Tree, kind: KindSchema | undefined, unit: Unit): Effect | undefined {
  const said = effectWord(step);
  if (said === 'none' || said === 'read') checkReading(step, kind, unit);
  return said;
}

/** Reports an argument with which its kind is there to change something, in a step or a condition that is to read. */
export function checkReading(use: Tree, kind: KindSchema | undefined, unit: Unit): void {
  const properties = kind?.with['properties'];
  for (const { key, value } of entries(member(use, 'with'))) {
    const schema = isJsonObject(properties) ? properties[key] : undefined;
    const changes = isJsonObject(schema) ? schema['x-changes'] : undefined;
    const given = stringOf(value);
    if (given === undefined || !Array.isArray(changes) || !changes.includes(given)) continue;
    unit.report.error('DB130', value.span, `${given} changes something, and this is said only to read`, {
      hint: 'Say in a step what it does: effect: write, or destructive. A condition can only read.',
    });
  }
}

const effectWord = (step: Tree): Effect | undefined => stringOf(member(step, 'effect')) as Effect | undefined;
