import type { Json } from '../../base/json.ts';
import { isJsonObject } from '../../base/json.ts';
import type { StepContext, StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { poll } from '../context/poll.ts';
import { curl } from './client/by-hand.ts';
import type { RenderClient } from './client/client.ts';
import { renderClient } from './client/client.ts';
import type { Deploy } from './client/deploys.ts';
import { findDeployAfter, newestDeploy, untilLive } from './client/deploys.ts';
import type { Call } from './client/errors.ts';
import type { Service } from './client/resources.ts';
import { readService } from './client/resources.ts';
import { findRenderId, nameOf, renderIdOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';

type Result = Output['render.resume'];

/** How long a resumed service may take to show the deploy that brings it back. Not documented; some types make none. */
const DEPLOY_APPEARS_MS = 20_000;

const call = (id: string): Call => ({ method: 'POST', path: `/services/${id}/resume` });

/** Resumes a service, and waits until the deploy that Render makes for it is live. */
export const renderResume: StepKind<With['render.resume'], Result> = {
  name: 'render.resume',
  effect: () => 'write',
  describe: (args) => `Resume the service ${nameOf(args.service)}`,
  byHand(args, environment) {
    const id = findRenderId(args.service);
    return id === undefined ? undefined : curl(environment, call(id));
  },
  targets: (args) => [targetUse('services', args.service, 'write', 'provider')],

  async run(args, context) {
    const client = renderClient(context);
    const id = renderIdOf(args.service);
    let begun = begunBefore(context.checkpoint);
    const before = await readService(client, id);
    if (!before.suspended && begun === undefined) return output(before, { alreadyRunning: true });
    if (before.suspended) {
      begun = { after: (await newestDeploy(client, id))?.id ?? null };
      await context.saveCheckpoint({ ...begun });
      await client.call(call(id));
    }
    const service = await poll(context, {
      reason: `Render resumes ${before.name}`,
      read: () => readService(client, id),
      done: (reading) => !reading.suspended || stillHeld(reading),
    });
    const deploy = await deployOf(context, client, service, begun?.after ?? null);
    return output(service, { alreadyRunning: false, ...(deploy !== undefined && { deploy }) });
  },

  async reconcile(args, context) {
    const service = await readService(renderClient(context), renderIdOf(args.service));
    if (service.suspended) return { verdict: 'notHappened' };
    if (begunBefore(context.checkpoint) !== undefined) return { verdict: 'reattach' };
    return { verdict: 'happened', output: output(service, { alreadyRunning: true }) };
  },
};

/** The newest deploy before the resume: what came after it is the resume's own. */
function begunBefore(checkpoint: Json | undefined): { readonly after: string | null } | undefined {
  if (!isJsonObject(checkpoint)) return undefined;
  return { after: typeof checkpoint['after'] === 'string' ? checkpoint['after'] : null };
}

/** A service can be held by others than its users (billing, an administrator); a resume does not lift that. */
function stillHeld(service: Service): boolean {
  const others = service.suspenders.filter((suspender) => suspender !== 'user');
  if (service.suspenders.length === 0 || others.length < service.suspenders.length) return false;
  throw new StepError(`${service.name} stays suspended: it is also held by ${others.join(', ')}`, {
    code: 'heldByOthers',
    hint: 'Only Render or the workspace owner can lift that: see the dashboard, or ask support@render.com.',
    changed: 'something',
    details: { suspenders: others },
  });
}

async function deployOf(
  context: StepContext,
  client: RenderClient,
  service: Service,
  after: string | null,
): Promise<Deploy | undefined> {
  const start = context.clock.monotonic();
  const deploy = await poll(context, {
    reason: `Render starts the deploy of ${service.name}`,
    read: () => findDeployAfter(client, service.id, after, 'service_resumed'),
    done: (found) => found !== undefined || context.clock.monotonic() - start > DEPLOY_APPEARS_MS,
  });
  if (deploy === undefined) {
    context.log(`${service.name} is resumed; Render shows no deploy for it`);
    return undefined;
  }
  return untilLive(context, client, service, deploy.id);
}

const output = (
  service: Service,
  how: { readonly alreadyRunning: boolean; readonly deploy?: Deploy },
): Result => ({
  service: { id: service.id, name: service.name },
  suspended: service.suspended,
  alreadyRunning: how.alreadyRunning,
  deploy: how.deploy === undefined ? null : { ...how.deploy },
});
