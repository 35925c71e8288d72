import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './drillbook.ts';

const TWO_SITES = join(import.meta.dirname, 'two-sites');

/** A folder of playbooks with an application in two places, and a name that leads to one of them; `provider`: who keeps its zone. */
export function twoSites(provider: 'cloudflare' | 'route53' | 'byHand'): string {
  const folder = join(temporaryFolder(), 'playbooks');
  cpSync(TWO_SITES, folder, { recursive: true });
  const world = join(folder, 'worlds', 'two-sites.yaml');
  const text = readFileSync(world, 'utf8').replace('provider: cloudflare', `provider: ${provider}`);
  writeFileSync(world, text);
  return folder;
}
