import { basename, dirname, join, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Folders below that of the playbooks. */
const BELOW = new Set(['procedures', 'checklists', 'environments', 'worlds', 'backups']);

/** The folder of playbooks to which a file belongs: the one that it lies in, or that around `environments/` and the like. */
export function folderOf(path: string): string {
  const folder = dirname(resolve(path));
  return BELOW.has(basename(folder)) ? dirname(folder) : folder;
}

/** The schemas of drillbook, as the first lines of a file name them for editors. */
const OWN_SCHEMA =
  /^# yaml-language-server: \$schema=\S*(?:drillbook|(?:playbook|environment|world|backup|schedule|monitors)(?:\.bundle)?\.schema\.json)/m;

/**
 * Whether a YAML file is one of drillbook's: an editor sends whatever it calls YAML. It is where it lies in a folder
 * `playbooks`, is called `….playbook.yaml` or `….drillbook.yaml`, or names one of our schemas.
 */
export function isOurs(path: string, text: string): boolean {
  if (!/\.ya?ml$/.test(path)) return false;
  return (
    resolve(path).split(sep).includes('playbooks') ||
    /\.(?:playbook|drillbook)\.ya?ml$/.test(path) ||
    OWN_SCHEMA.test(text.slice(0, 2000))
  );
}

/** The path of a file that an editor names by its URI; undefined for what is no file of this machine. */
export function pathOf(uri: string): string | undefined {
  try {
    return uri.startsWith('file:') ? fileURLToPath(uri) : undefined;
  } catch {
    return undefined;
  }
}

export const uriOf = (path: string): string => pathToFileURL(resolve(path)).href;

/** The folder of the environments beside playbooks. */
export const environmentsOf = (folder: string): string => join(folder, 'environments');
