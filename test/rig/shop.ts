import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadWorld } from '../../engine/load/world.ts';
import type { WorldPlan } from '../../engine/model/world.ts';
import { SourceFile } from '../../engine/source/file.ts';

/** A folder of playbooks whose system is not the one that drillbook brings: a shop on a PostgreSQL, and a disaster of it. */
export const SHOP = join(import.meta.dirname, 'shop');

/** Another, whose application keeps photos in a bucket. */
export const GALLERY = join(import.meta.dirname, 'gallery');

const OWN = join(SHOP, 'worlds', 'shop.yaml');
const AT_RENDER = join(import.meta.dirname, 'shop-at-render', 'deployed.yaml');

/** The world of the shop, as its file describes it; `change`: with another text in it. */
export const shop = (change?: (text: string) => string): WorldPlan => worldIn(OWN, change);

/** The shop as it is deployed at Render; `change`: with another text in it. */
export const deployed = (change?: (text: string) => string): WorldPlan => worldIn(AT_RENDER, change);

/** One that drillbook brings; `change`: with another text in it. */
export const shippedWorld = (name = 'peakops', change?: (text: string) => string): WorldPlan =>
  worldIn(join(import.meta.dirname, '..', '..', 'playbooks', 'worlds', `${name}.yaml`), change);

function worldIn(path: string, change: (text: string) => string = (text) => text): WorldPlan {
  const { value, diagnostics } = loadWorld(new SourceFile(path, change(readFileSync(path, 'utf8'))));
  if (value === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return value;
}
