import type { StepKind } from '../../model/kind.ts';
import { curl } from './client/by-hand.ts';
import { renderClient } from './client/client.ts';
import { domainPath, findDomain } from './client/domains.ts';
import { findRenderId, nameOf, renderIdOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';

type Args = With['render.remove-domain'];
type Result = Output['render.remove-domain'];

/** Takes a custom domain away from a service: from then on the service does not answer to that name. */
export const renderRemoveDomain: StepKind<Args, Result> = {
  name: 'render.remove-domain',
  outputs: ['removed'],
  effect: () => 'write',
  describe: (args) => `Take ${args.name} away from the service ${nameOf(args.service)}`,
  byHand(args, environment) {
    const id = findRenderId(args.service);
    if (id === undefined) return undefined;
    return curl(environment, { method: 'DELETE', path: domainPath(id, args.name) });
  },
  targets: (args) => [targetUse('services', args.service, 'write', 'provider')],

  async run(args, context) {
    const client = renderClient(context);
    const service = renderIdOf(args.service);
    const domain = await findDomain(client, service, args.name);
    if (domain === undefined) return output(args, context.checkpoint !== undefined);
    await context.saveCheckpoint({ removing: domain.name });
    await client.call({ method: 'DELETE', path: domainPath(service, domain.name) });
    return output(args, true);
  },

  async reconcile(args, context) {
    const there = await findDomain(renderClient(context), renderIdOf(args.service), args.name);
    if (there !== undefined) return { verdict: 'notHappened' };
    return { verdict: 'happened', output: output(args, context.checkpoint !== undefined) };
  },
};

const output = (args: Args, removed: boolean): Result => ({ name: args.name, removed });
