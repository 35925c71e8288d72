import type { StepKind } from '../../model/kind.ts';
import { curl } from './client/by-hand.ts';
import { renderClient } from './client/client.ts';
import { newestDeploy } from './client/deploys.ts';
import { readService } from './client/resources.ts';
import { findRenderId, nameOf, renderIdOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';

/**
 * Reads a service. Render has no field that says whether it runs: `suspended` and the
 * state of the newest deploy are all there is.
 */
export const renderService: StepKind<With['render.service'], Output['render.service']> = {
  name: 'render.service',
  effect: () => 'read',
  describe: (args) => `Read the service ${nameOf(args.service)} at Render`,
  byHand(args, environment) {
    const id = findRenderId(args.service);
    return id === undefined ? undefined : curl(environment, { method: 'GET', path: `/services/${id}` });
  },
  targets: (args) => [targetUse('services', args.service, 'read', 'provider')],
  async run(args, context) {
    const client = renderClient(context, args.service);
    const service = await readService(client, renderIdOf(args.service));
    const deploy = await newestDeploy(client, service.id);
    return { ...service, deploy: deploy === undefined ? null : { ...deploy } };
  },
};
