import { isJsonObject } from '../../base/json.ts';
import type { StepKind } from '../../model/kind.ts';
import { poll } from '../context/poll.ts';
import { curl } from './client/by-hand.ts';
import { renderClient } from './client/client.ts';
import type { Call } from './client/errors.ts';
import type { Service } from './client/resources.ts';
import { isSuspendedByUser, readService } from './client/resources.ts';
import { findRenderId, nameOf, renderIdOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';

type Result = Output['render.suspend'];

const call = (id: string): Call => ({ method: 'POST', path: `/services/${id}/suspend` });

/**
 * Suspends a service and waits until Render says that it is. One that Render itself holds down, in an outage, is
 * suspended all the same: else it would come back when the outage is over.
 */
export const renderSuspend: StepKind<With['render.suspend'], Result> = {
  name: 'render.suspend',
  outputs: ['alreadySuspended'],
  effect: () => 'write',
  describe: (args) => `Suspend the service ${nameOf(args.service)}`,
  byHand(args, environment) {
    const id = findRenderId(args.service);
    return id === undefined ? undefined : curl(environment, call(id));
  },
  targets: (args) => [targetUse('services', args.service, 'write', 'provider')],

  async run(args, context) {
    const client = renderClient(context);
    const id = renderIdOf(args.service);
    const before = await readService(client, id);
    if (isSuspendedByUser(before)) return output(before, context.checkpoint === undefined);
    // Saved first: a later life can then tell that the service ran before this step.
    await context.saveCheckpoint({ suspending: id });
    await client.call(call(id));
    const after = await poll(context, {
      reason: `Render suspends ${before.name}`,
      read: () => readService(client, id),
      done: isSuspendedByUser,
    });
    return output(after, false);
  },

  async reconcile(args, context) {
    const service = await readService(renderClient(context), renderIdOf(args.service));
    if (!isSuspendedByUser(service)) return { verdict: 'notHappened' };
    return { verdict: 'happened', output: output(service, !isJsonObject(context.checkpoint)) };
  },
};

const output = (service: Service, alreadySuspended: boolean): Result => ({
  service: { id: service.id, name: service.name },
  suspended: service.suspended,
  suspenders: service.suspenders,
  alreadySuspended,
});
