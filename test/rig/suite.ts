import { SEED } from './seed.ts';
import { tags } from './needed-programs.ts';

/** What the configurations of all suites have in common. */
export const suite = {
  tags,
  reporters: ['default', './test/rig/needed-programs.ts', './test/rig/seed.ts'],
  pool: 'forks' as const,
  env: {
    DRILLBOOK_SEED: String(SEED),
    // The AWS SDK, which tests use as a user's client would, warns in every process of Node.js 20.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  },
};
