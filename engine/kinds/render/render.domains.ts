import type { StepKind } from '../../model/kind.ts';
import { curl } from './client/by-hand.ts';
import { renderClient } from './client/client.ts';
import { domainsPath, readDomains } from './client/domains.ts';
import { findRenderId, nameOf, renderIdOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';

/** Lists the custom domains of a service. */
export const renderDomains: StepKind<With['render.domains'], Output['render.domains']> = {
  name: 'render.domains',
  effect: () => 'read',
  describe: (args) => `List the custom domains of ${nameOf(args.service)}`,
  byHand(args, environment) {
    const id = findRenderId(args.service);
    return id === undefined ? undefined : curl(environment, { method: 'GET', path: domainsPath(id) });
  },
  targets: (args) => [targetUse('services', args.service, 'read', 'provider')],
  async run(args, context) {
    const domains = await readDomains(renderClient(context), renderIdOf(args.service));
    return {
      domains: domains.map((domain) => ({ ...domain })),
      names: domains.map(({ name }) => name),
    };
  },
};
