import type { Json, JsonObject } from '../../base/json.ts';
import { isJsonObject } from '../../base/json.ts';
import type { StepContext, StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { poll } from '../context/poll.ts';
import { curl } from './client/by-hand.ts';
import type { RenderClient } from './client/client.ts';
import { renderClient } from './client/client.ts';
import type { Deploy } from './client/deploys.ts';
import { findDeployAfter, newestDeploy, toDeploy, untilLive } from './client/deploys.ts';
import type { Call } from './client/errors.ts';
import { findRenderId, nameOf, renderIdOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';

type Args = With['render.deploy'];
type Result = Output['render.deploy'];

const call = (id: string): Call => ({ method: 'POST', path: `/services/${id}/deploys` });

/** Deploys a service and waits until the deploy is live. */
export const renderDeploy: StepKind<Args, Result> = {
  name: 'render.deploy',
  effect: () => 'write',
  describe(args) {
    const reuse = args.mode === 'deploy_only' ? ' from its last build' : '';
    return `Deploy the service ${nameOf(args.service)}${reuse}`;
  },
  byHand(args, environment) {
    const id = findRenderId(args.service);
    return id === undefined ? undefined : curl(environment, call(id), bodyOf(args));
  },
  targets: (args) => [targetUse('services', args.service, 'write', 'provider')],

  async run(args, context) {
    const client = renderClient(context);
    const service = { id: renderIdOf(args.service), name: nameOf(args.service) };
    const id =
      (await begun(context, client, service.id))?.id ?? (await start(args, context, client, service.id));
    return output(service, await untilLive(context, client, service, id));
  },

  async reconcile(args, context) {
    const found = await begun(context, renderClient(context), renderIdOf(args.service));
    return { verdict: found === undefined ? 'notHappened' : 'reattach' };
  },
};

/** What a former life of this step began: known by its id, or as the first deploy after the newest it had seen. */
async function begun(
  context: StepContext,
  client: RenderClient,
  service: string,
): Promise<{ readonly id: string } | undefined> {
  const { checkpoint } = context;
  if (!isJsonObject(checkpoint) || checkpoint['service'] !== service) return undefined;
  if (typeof checkpoint['deploy'] === 'string') return { id: checkpoint['deploy'] };
  return findDeployAfter(client, service, textOrNull(checkpoint['after']), 'api');
}

async function start(
  args: Args,
  context: StepContext,
  client: RenderClient,
  service: string,
): Promise<string> {
  const body = bodyOf(args);
  const after = (await newestDeploy(client, service))?.id ?? null;
  await context.saveCheckpoint({ service, after });
  const answer = await client.call(call(service), { body });
  const deploy =
    answer.body === undefined ? await queued(context, client, service, after) : toDeploy(answer.body);
  await context.saveCheckpoint({ service, deploy: deploy.id });
  return deploy.id;
}

/** A 202 has no body: the deploy is found by listing. */
async function queued(
  context: StepContext,
  client: RenderClient,
  service: string,
  after: string | null,
): Promise<Deploy> {
  const found = await poll(context, {
    reason: 'Render queues the deploy',
    read: () => findDeployAfter(client, service, after, 'api'),
    done: (deploy) => deploy !== undefined,
  });
  if (found === undefined) throw new TypeError('a poll ends with what it looks for');
  return found;
}

function bodyOf(args: Args): JsonObject {
  const { mode } = args;
  const clearCache = args.clearCache === true;
  if (mode === 'deploy_only' && clearCache) {
    throw new StepError('a deploy that reuses the last build cannot clear the build cache', {
      code: 'usage',
      hint: 'Leave out "clearCache", or "mode".',
    });
  }
  return { ...(mode !== undefined && { deployMode: mode }), ...(clearCache && { clearCache: 'clear' }) };
}

const textOrNull = (json: Json | undefined): string | null => (typeof json === 'string' ? json : null);

const output = (service: { readonly id: string; readonly name: string }, deploy: Deploy): Result => ({
  service: { ...service },
  deploy: { ...deploy },
});
