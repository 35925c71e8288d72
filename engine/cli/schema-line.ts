import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PACKAGE_ROOT } from './package-info.ts';

export interface SchemaAddress {
  /** As it stands after `$schema=`. */
  readonly address: string;
  /** It holds for everybody who has the project and its packages, not for this machine alone. */
  readonly isPortable: boolean;
}

/**
 * Where an editor finds a schema from a YAML file. A path into `node_modules/drillbook` fits the
 * installed version, needs no network and is the same on every machine of the team. Only where drillbook
 * is not installed in the project, the file's address on this machine must do.
 */
export function schemaAddress(yamlFile: string, schema: string): SchemaAddress {
  const from = dirname(resolve(yamlFile));
  for (const folder of upwardFrom(from)) {
    const installed = join(folder, 'node_modules', 'drillbook', 'schemas', schema);
    if (existsSync(installed)) return { address: pathFrom(from, installed), isPortable: true };
  }
  const own = join(PACKAGE_ROOT, 'schemas', schema);
  const isInPackage = !relative(PACKAGE_ROOT, from).startsWith('..');
  return isInPackage
    ? { address: pathFrom(from, own), isPortable: true }
    : { address: pathToFileURL(own).href, isPortable: false };
}

const pathFrom = (from: string, to: string): string => relative(from, to).replaceAll('\\', '/');

function* upwardFrom(folder: string): Generator<string> {
  yield folder;
  const parent = dirname(folder);
  if (parent !== folder) yield* upwardFrom(parent);
}
