import { join, relative, resolve } from 'node:path';
import { PACKAGE_ROOT } from './package-info.ts';

/** The playbooks that come with the package. */
export const SHIPPED_PLAYBOOKS = join(PACKAGE_ROOT, 'playbooks');

/** Where playbooks are looked for, in this order: the team's own, then the shipped ones. */
export function playbookFolders(own: string): readonly string[] {
  const folder = resolve(own);
  return folder === resolve(SHIPPED_PLAYBOOKS) ? [folder] : [folder, SHIPPED_PLAYBOOKS];
}

/** `--store`, else DRILLBOOK_STORE, else `.drillbook` in the working folder. */
export function storeFolder(option: string | undefined): string {
  return resolve(option ?? process.env['DRILLBOOK_STORE'] ?? '.drillbook');
}

/** As a person would type it from here. */
export function shownPath(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere === '' || fromHere.startsWith('..') ? path : fromHere;
}
