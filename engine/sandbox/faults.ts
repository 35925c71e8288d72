import { readFile } from 'node:fs/promises';
import type { ValueMap } from '../base/value.ts';
import { decodeValue, encodeValue, isValueMap } from '../base/value.ts';
import type { Database } from './render/database.ts';

/** What a fault may break. */
export interface FaultWorld {
  /** By their names in the environment: `main`. */
  readonly databases: ReadonlyMap<string, Database>;
}

/** What a fault did. */
export interface Injection {
  /** One sentence for the screen and the report. */
  readonly description: string;
  /** Read as `fault` in expressions. `at` is the moment of the failure, by the clock of what was broken. */
  readonly output: ValueMap;
}

/** One way to break the world. Really: a fault never makes a part pretend. */
export interface Fault {
  /** `args` has been validated against the fault's schema, its defaults filled in. */
  inject(args: ValueMap, world: FaultWorld): Promise<Injection>;
}

/** The one table of fault kinds. Each has a file in `faults/` and one in `schemas/faults/` of its name. */
const FAULTS: Readonly<Record<string, () => Promise<Fault>>> = {
  'postgres.corrupt-pages': async () => (await import('./faults/corrupt-pages.ts')).corruptPages,
};

/** The names of the fault kinds, as `rehearsals` in a playbook uses them. */
export const FAULT_KINDS: readonly string[] = Object.keys(FAULTS);

/** Breaks the world. Rejects, with nothing broken, for an unknown kind and arguments that its schema refuses. */
export async function injectFault(uses: string, args: ValueMap, world: FaultWorld): Promise<Injection> {
  const load = FAULTS[uses];
  if (load === undefined) throw new Error(`unknown fault ${uses}: there are ${FAULT_KINDS.join(', ')}`);
  const checked = await withDefaults(uses, args);
  return await (await load()).inject(checked, world);
}

async function withDefaults(uses: string, args: ValueMap): Promise<ValueMap> {
  const { Ajv2020 } = await import('ajv/dist/2020.js');
  const file = new URL(`../../schemas/faults/${uses}.schema.json`, import.meta.url);
  const schema = JSON.parse(await readFile(file, 'utf8')) as {
    readonly properties: { readonly with: object };
  };
  const validate = new Ajv2020({ strict: false, allErrors: true, useDefaults: true }).compile(
    schema.properties.with,
  );
  const json = encodeValue(args);
  if (!validate(json)) {
    const problems = (validate.errors ?? []).map(
      ({ instancePath, message }) => `with${instancePath} ${message ?? ''}`,
    );
    throw new Error(`${uses}: ${problems.join('; ')}`);
  }
  const filled = decodeValue(json);
  return isValueMap(filled) ? filled : {};
}
