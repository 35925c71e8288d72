import { join, relative, resolve } from 'node:path';
import { PACKAGE_ROOT } from './package-info.ts';

/** The playbooks that come with the package. */
export const SHIPPED_PLAYBOOKS = join(PACKAGE_ROOT, 'playbooks');

/** `--store`, else DRILLBOOK_STORE, else `.drillbook` in the working folder. */
export function storeFolder(option: string | undefined): string {
  return resolve(option ?? process.env['DRILLBOOK_STORE'] ?? '.drillbook');
}

/** As a person would type it from here. */
export function shownPath(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere === '' || fromHere.startsWith('..') ? path : fromHere;
}
