// One life of an s3.copy-bucket step, for a test that kills it. Takes what it needs as a message, and
// tells each checkpoint as one.
import { setTimeout as sleep } from 'node:timers/promises';
import { s3CopyBucket } from '../../dist/kinds/s3/s3.copy-bucket.js';
import { createSecretResolver } from '../../dist/kinds/environment/secrets.js';

process.once('message', ({ environment: data, variables, args }) => {
  Object.assign(process.env, variables);
  const environment = { name: 'test', kind: 'sandbox', data, policy: {}, file: undefined };
  void s3CopyBucket.run(args, {
    run: { id: '20251101-1200-abcd', mode: 'drill', folder: '/nonexistent' },
    step: 'theStep',
    environment,
    clock: {
      // Hurried, so that a checkpoint comes soon.
      monotonic: () => performance.now() * 10,
      now: () => ({ epochMillis: Date.now() }),
      sleep: (millis) => sleep(millis),
    },
    signal: new AbortController().signal,
    secrets: createSecretResolver(
      () => environment,
      () => undefined,
    ),
    resourceName: () => 'drillbook',
    checkpoint: undefined,
    saveCheckpoint(checkpoint) {
      process.send({ checkpoint });
      return Promise.resolve();
    },
    log: () => undefined,
    progress: () => undefined,
  });
});
