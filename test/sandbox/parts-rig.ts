import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach } from 'vitest';
import { parse } from 'yaml';
import type { JsonObject } from '../../engine/base/json.ts';
import { loadWorld } from '../../engine/load/world.ts';
import type { WorldPlan } from '../../engine/model/world.ts';
import type { World } from '../../engine/sandbox/world.ts';
import { SourceFile } from '../../engine/source/file.ts';
import { temporaryFolder } from '../rig/drillbook.ts';
import { request, start } from './rig.ts';
import type { Answer } from './rig.ts';

const worlds: World[] = [];
afterEach(async () => {
  await Promise.all(worlds.splice(0).map((world) => world.stop()));
});

/** Starts a world that ends with its test. */
export async function open(plan: WorldPlan): Promise<World> {
  const world = await start({ plan });
  worlds.push(world);
  return world;
}

/** The world `test`: what its file says after the name, in a folder with other files beside it. */
export function planOf(text: string, files: Readonly<Record<string, string | Buffer>> = {}): WorldPlan {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  return planAt(folder, text);
}

/** The same with nothing beside it, for tests that share a world. */
export function planAt(folder: string, text: string): WorldPlan {
  const file = new SourceFile(join(folder, 'test.yaml'), `version: 1\nname: test\n${text}`);
  const { value, diagnostics } = loadWorld(file);
  if (value === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return value;
}

/** What stands in the environment that a world makes. */
export const environmentOf = async <T = JsonObject>(world: World): Promise<T> =>
  parse(await world.environmentText()) as T;

/** A secret that an environment names. */
export const secretIn = ({ file }: { readonly file: string }): string => readFileSync(file, 'utf8');

interface DeskEnvironment {
  readonly values: {
    readonly desk: { readonly token: { readonly file: string } } & Readonly<Record<string, string>>;
  };
}

/** Asks the desk for a part, as an operator does: its environment has `values.desk` with the parts and the token. */
export async function desk(world: World, part: string, action = '', body?: JsonObject): Promise<Answer> {
  const { values } = await environmentOf<DeskEnvironment>(world);
  const authorization = `Bearer ${secretIn(values.desk.token)}`;
  const url = `${values.desk[part] ?? ''}${action}`;
  return await request(url, action === '' ? 'GET' : 'POST', body, { authorization });
}

/** The folder of a world. */
export const folderOf = ({ address }: World): string => (address as { readonly folder: string }).folder;

/** What a part is, as the world tells. */
export const stateOf = async (world: World, part: string): Promise<JsonObject> => {
  const { parts } = (await world.state()) as { readonly parts: Readonly<Record<string, JsonObject>> };
  return parts[part] ?? {};
};
