// Runs an S3 step of drillbook's for a benchmark: no journal, no screen; keys from the usual variables.
import { setTimeout as sleep } from 'node:timers/promises';
import { Instant } from '../../dist/base/instant.js';
import { STEP_KINDS } from '../../dist/kinds/index.js';
import { createSecretResolver } from '../../dist/kinds/environment/secrets.js';

export async function runS3Step(kind, args, { endpoint, folder }) {
  const credentials = {
    accessKeyId: { $ref: 'env', name: 'AWS_ACCESS_KEY_ID' },
    secretAccessKey: { $ref: 'env', name: 'AWS_SECRET_ACCESS_KEY' },
  };
  const environment = {
    name: 'bench',
    kind: 'sandbox',
    policy: {},
    data: { aws: { endpoint, credentials } },
  };
  const loaded = await STEP_KINDS[kind]();
  return loaded.run(args, {
    run: { id: 'bench', mode: 'drill', folder },
    step: 'bench',
    environment,
    clock: {
      now: () => Instant.fromMillis(Date.now()),
      monotonic: () => performance.now(),
      sleep: (millis) => sleep(millis),
    },
    signal: new AbortController().signal,
    secrets: createSecretResolver(
      () => environment,
      () => undefined,
    ),
    resourceName: () => 'bench',
    checkpoint: undefined,
    saveCheckpoint: () => Promise.resolve(),
    waiting: () => undefined,
    working: () => undefined,
    log: (line) => console.log(`    ${line}`),
    progress: () => undefined,
  });
}
