import { systemClock } from '../../engine/cli/clock.ts';
import type { Environment } from '../../engine/model/environment.ts';
import { SourceFile } from '../../engine/source/file.ts';
import { createSecretResolver } from '../../engine/steps/secrets.ts';
import { postgresRestore } from '../../engine/steps/postgres.restore.ts';

/** One life of a postgres.restore step, for a test that kills it: `node restore-child.mjs <dump> <folder> <variable>`. */
const [dump = '', folder = '', variable = ''] = process.argv.slice(2);
const environment: Environment = {
  name: 'test',
  kind: 'sandbox',
  data: {},
  policy: { typedNames: 'never', allowScripts: true },
  file: new SourceFile('test.yaml', ''),
};

await postgresRestore.run(
  { from: dump, to: { name: 'peakops-new', url: { $ref: 'env', name: variable } }, noOwner: true },
  {
    run: { id: '20251101-1200-abcd', mode: 'drill', folder },
    step: 'theStep',
    environment,
    clock: systemClock,
    signal: new AbortController().signal,
    secrets: createSecretResolver(
      () => environment,
      () => undefined,
    ),
    resourceName: () => 'drillbook-20251101-1200-abcd-thestep',
    identify: () => Promise.reject(new Error('not asked for')),
    checkpoint: undefined,
    saveCheckpoint: () => Promise.resolve(),
    waiting: () => undefined,
    working: () => undefined,
    log: () => undefined,
    progress: () => undefined,
  },
);
