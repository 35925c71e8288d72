import type { Environment } from '../../../engine/model/environment.ts';
import { SourceFile } from '../../../engine/source/file.ts';

export const environment: Environment = {
  name: 'sandbox',
  kind: 'sandbox',
  data: { databases: { main: { name: 'main', $target: 'databases.main' } } },
  policy: { typedNames: 'never', allowScripts: false },
  file: new SourceFile('sandbox.yaml', ''),
};
