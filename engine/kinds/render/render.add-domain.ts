import type { StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { curl } from './client/by-hand.ts';
import { renderClient } from './client/client.ts';
import type { CustomDomain } from './client/domains.ts';
import { domainsPath, findDomain } from './client/domains.ts';
import { findRenderId, nameOf, renderIdOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';

type Args = With['render.add-domain'];
type Result = Output['render.add-domain'];

/** Attaches a custom domain to a service. It belongs to one service at a time: elsewhere it is taken away first. */
export const renderAddDomain: StepKind<Args, Result> = {
  name: 'render.add-domain',
  outputs: ['verified'],
  effect: () => 'write',
  describe: (args) => `Attach ${args.name} to the service ${nameOf(args.service)}`,
  byHand(args, environment) {
    const id = findRenderId(args.service);
    if (id === undefined) return undefined;
    return curl(environment, { method: 'POST', path: domainsPath(id) }, { name: args.name });
  },
  targets: (args) => [targetUse('services', args.service, 'write', 'provider')],

  async run(args, context) {
    const client = renderClient(context);
    const service = renderIdOf(args.service);
    const there = await findDomain(client, service, args.name);
    if (there !== undefined) return output(there, context.checkpoint !== undefined);
    await context.saveCheckpoint({ adding: args.name });
    try {
      await client.call({ method: 'POST', path: domainsPath(service) }, { body: { name: args.name } });
    } catch (error) {
      throw error instanceof StepError && error.code === '409' ? inUse(args, error) : error;
    }
    const added = await findDomain(client, service, args.name);
    if (added !== undefined) return output(added, true);
    throw new StepError(`Render took ${args.name} and does not list it`, {
      code: 'badAnswer',
      changed: 'maybe',
    });
  },

  async reconcile(args, context) {
    const there = await findDomain(renderClient(context), renderIdOf(args.service), args.name);
    if (there === undefined) return { verdict: 'notHappened' };
    return { verdict: 'happened', output: output(there, context.checkpoint !== undefined) };
  },
};

const inUse = (args: Args, cause: StepError): StepError =>
  new StepError(`${args.name} belongs to another service: ${cause.message}`, {
    code: 'inUse',
    hint: 'Take it away there first, with render.remove-domain.',
    cause,
  });

const output = ({ id, name, verified }: CustomDomain, changed: boolean): Result => ({
  id,
  name,
  verified,
  changed,
});
