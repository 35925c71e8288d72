import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { callPart, partTargets } from '../../engine/sandbox/part-targets.ts';
import { planAt } from './parts-rig.ts';

const WORLD = planAt(
  tmpdir(),
  `parts:
  db: { uses: postgres }
  other: { uses: postgres }
  api: { uses: process, with: { command: [node] } }
  cron: { uses: process, with: { command: [node] } }
  broker: { uses: redis }
  web: { uses: ssh-host, with: { units: { shop: { command: [node] } } } }
  cloud: { uses: render, with: { services: { site: { process: "\${{ parts.api }}" } }, databases: { main: { postgres: "\${{ parts.db }}" } } } }
environment:
  services: \${{ parts.cloud.services }}
  databases: \${{ parts.cloud.databases }}
  redis: { queue: "\${{ parts.broker }}" }
  hosts: { front: "\${{ parts.web }}" }
`,
);

test('a part is called as playbooks know it, whether it stands in the environment itself or by its provider', () => {
  expect(Object.fromEntries(partTargets(WORLD))).toEqual({
    'services.site': 'api',
    'databases.main': 'db',
    'redis.queue': 'broker',
    'hosts.front': 'web',
  });
});

test.each([
  ['db', 'databases.main'],
  ['web', 'hosts.front'],
  ['other', 'other'],
  ['cron', 'cron'],
])('%s is called %s', (id, called) => {
  expect(callPart(WORLD, id)).toBe(called);
});
