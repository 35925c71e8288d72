import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject } from '../../../engine/base/json.ts';
import { isJsonObject } from '../../../engine/base/json.ts';
import { inFolder } from '../../../engine/sandbox/ground/folder.ts';
import { asText } from '../../../engine/sandbox/ground/text.ts';
import { attachWorld } from '../../../engine/sandbox/world.ts';
import type { Dice } from '../../rig/mutation.ts';

/** A program of a part: of a host it may be a unit. */
interface Program {
  readonly part: string;
  readonly pid: number;
}

/** Kills a program of one of the parts. The part that it belongs to; undefined when the world has ended with its run. */
export async function killPart(address: JsonObject | undefined, dice: Dice): Promise<string | undefined> {
  const world = address === undefined ? undefined : await attachWorld(address);
  if (address === undefined || world === undefined) return undefined;
  const { parts } = (await world.state()) as { readonly parts: Readonly<Record<string, JsonObject>> };
  const all = await Promise.all(
    Object.entries(parts).map(([part, state]) => programsOf(part, state, address)),
  );
  const { part, pid } = dice.pick(all.flat());
  killIfThere(pid);
  return part;
}

/** One that has ended by itself meanwhile has. */
export function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function programsOf(part: string, state: JsonObject, address: JsonObject): Promise<readonly Program[]> {
  const { servers } = inFolder(asText(address['folder']) ?? '');
  const pidFile = join(servers, part, 'data', 'postmaster.pid');
  const server = Number((await readFile(pidFile, 'utf8').catch(() => '')).split('\n')[0]);
  const units = isJsonObject(state['units']) ? Object.values(state['units']) : [];
  const pids = [state, ...units].map((each) => (isJsonObject(each) ? each['pid'] : undefined));
  return [...pids, server].flatMap((pid) => (typeof pid === 'number' && pid > 0 ? [{ part, pid }] : []));
}

/** Starts a part again at the world's desk, as its operator would. */
export async function startPart(environment: Desk, part: string): Promise<void> {
  const { url, token } = environment.values.desk;
  const response = await fetch(`${url}/parts/${part}/start`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await readFile(token.file, 'utf8')}` },
  });
  if (!response.ok) throw new Error(`${part} cannot be started again: ${await response.text()}`);
}

export interface Desk {
  readonly values: { readonly desk: { readonly url: string; readonly token: { readonly file: string } } };
}
