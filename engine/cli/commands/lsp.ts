import { folderLibrary, idsIn } from '../../load/library.ts';
import { serve } from '../../lsp/server.ts';
import { FileCheck, checkedFiles } from '../check-file.ts';
import { callFolders } from '../folder.ts';
import { PACKAGE_ROOT, engineVersion } from '../package-info.ts';

/** `drillbook lsp`: what editors ask while a playbook is written. It lives for as long as the editor keeps its ends open. */
export function lsp(): Promise<never> {
  serve(
    {
      pass: (folder, options) => new FileCheck(folder, options),
      files: checkedFiles,
      callable: (folder) => idsIn(callFolders(folder)),
      find: (id, folder, read) => folderLibrary(callFolders(folder), read).find(id),
      shipped: PACKAGE_ROOT,
    },
    { input: process.stdin, output: process.stdout },
    engineVersion(),
  );
  return new Promise(() => undefined);
}
