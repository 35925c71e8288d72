import type { StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { poll } from '../context/poll.ts';
import { curl } from './client/by-hand.ts';
import type { RenderClient } from './client/client.ts';
import { renderClient } from './client/client.ts';
import type { CustomDomain } from './client/domains.ts';
import { domainPath, findDomain } from './client/domains.ts';
import type { Call } from './client/errors.ts';
import { findRenderId, nameOf, renderIdOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';

type Args = With['render.verify-domain'];
type Result = Output['render.verify-domain'];

const call = (service: string, name: string): Call => ({
  method: 'POST',
  path: `${domainPath(service, name)}/verify`,
});

/** Has Render look at the DNS records of a custom domain until it finds that they lead to the service. */
export const renderVerifyDomain: StepKind<Args, Result> = {
  name: 'render.verify-domain',
  outputs: ['verified'],
  effect: () => 'write',
  describe: (args) => `Wait until Render has verified ${args.name} for the service ${nameOf(args.service)}`,
  byHand(args, environment) {
    const id = findRenderId(args.service);
    return id === undefined ? undefined : curl(environment, call(id, args.name));
  },
  targets: (args) => [targetUse('services', args.service, 'write', 'provider')],

  async run(args, context) {
    const client = renderClient(context);
    const service = renderIdOf(args.service);
    await poll(context, {
      reason: `Render looks at the DNS records of ${args.name}`,
      read: () => look(client, service, args.name),
      done: ({ verified }) => verified,
      show: ({ verified }) => `${args.name}: ${verified ? 'verified' : 'not verified yet'}`,
    });
    return { name: args.name, verified: true };
  },

  async reconcile(args, context) {
    const domain = await findDomain(renderClient(context), renderIdOf(args.service), args.name);
    if (domain?.verified !== true) return { verdict: 'notHappened' };
    return { verdict: 'happened', output: { name: args.name, verified: true } };
  },
};

/** Render looks when it is told to, and else only now and then. */
async function look(client: RenderClient, service: string, name: string): Promise<CustomDomain> {
  const before = await findDomain(client, service, name);
  if (before?.verified === true) return before;
  if (before !== undefined) {
    await client.call(call(service, name));
    const after = await findDomain(client, service, name);
    if (after !== undefined) return after;
  }
  throw new StepError(`the service has no custom domain ${name}`, {
    code: 'noSuchDomain',
    hint: 'Attach it first, with render.add-domain.',
  });
}
