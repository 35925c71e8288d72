import { existsSync } from 'node:fs';
import { parse } from 'yaml';
import { beside } from '../folder.ts';
import { readFileOrFail } from '../loading.ts';

/** Whether the folder has alerts that are about this environment; whether they are right is said where they are looked at. */
export async function hasMonitors(environment: string, playbooks: string): Promise<boolean> {
  const path = beside(playbooks, 'monitors.yaml');
  if (!existsSync(path)) return false;
  const written: unknown = parse((await readFileOrFail(path)).text);
  return (
    typeof written === 'object' &&
    written !== null &&
    'environment' in written &&
    written.environment === environment
  );
}
