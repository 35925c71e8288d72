import { Instant } from '../../../base/instant.ts';
import type { Value } from '../../../base/value.ts';
import { isValueMap } from '../../../base/value.ts';
import type { StepContext } from '../../../model/kind.ts';
import { StepError } from '../../../model/kind.ts';
import { poll } from '../../context/poll.ts';
import type { RenderClient } from './client.ts';

export interface Deploy {
  readonly id: string;
  readonly status: string | null;
  readonly trigger: string | null;
  readonly createdAt: Instant | null;
  readonly finishedAt: Instant | null;
}

/** As Render's Terraform provider sees them; `deactivated` means that a later deploy took its place. */
const BAD_ENDS: ReadonlySet<string> = new Set([
  'build_failed',
  'update_failed',
  'pre_deploy_failed',
  'canceled',
  'deactivated',
]);

export async function newestDeploy(client: RenderClient, service: string): Promise<Deploy | undefined> {
  for await (const deploy of deploys(client, service, '1')) return deploy;
  return undefined;
}

/**
 * The oldest deploy that came after the one with the id `after` (null: after none) and was
 * started in that way. Told by order and not by time: no two clocks need to agree.
 */
export async function findDeployAfter(
  client: RenderClient,
  service: string,
  after: string | null,
  trigger: 'api' | 'service_resumed',
): Promise<Deploy | undefined> {
  let found: Deploy | undefined;
  for await (const deploy of deploys(client, service)) {
    if (deploy.id === after) return found;
    // Only the id is guaranteed; a deploy that does not say who started it may be ours.
    if (deploy.trigger === trigger || deploy.trigger === null) found = deploy;
  }
  return after === null ? found : undefined;
}

/** Waits until the deploy is live; throws `StepError` with its state as the code when it ends badly. */
export function untilLive(
  context: StepContext,
  client: RenderClient,
  service: { readonly id: string; readonly name: string },
  deploy: string,
): Promise<Deploy> {
  const path = `/services/${encodeURIComponent(service.id)}/deploys/${encodeURIComponent(deploy)}`;
  return poll(context, {
    reason: `Render deploys ${service.name}`,
    read: async () => toDeploy(await client.get(path)),
    show: ({ status }) => `deploy ${deploy}: ${status ?? 'state not told'}`,
    done: ({ status }) => {
      if (status !== null && BAD_ENDS.has(status)) throw deployFailed(service.name, deploy, status);
      return status === 'live';
    },
  });
}

function deployFailed(service: string, deploy: string, status: string): StepError {
  return new StepError(`the deploy ${deploy} of ${service} ended as ${status}`, {
    code: status,
    hint:
      status === 'deactivated'
        ? 'Another deploy took its place: see whether that one is live.'
        : "Read the deploy's log in the dashboard; what ran before goes on running.",
    changed: 'something',
    retryable: true,
    details: { deploy, status },
  });
}

async function* deploys(
  client: RenderClient,
  service: string,
  limit?: string,
): AsyncGenerator<Deploy, void, void> {
  const path = `/services/${encodeURIComponent(service)}/deploys`;
  for await (const json of client.list(path, 'deploy', { limit })) yield toDeploy(json);
}

export function toDeploy(json: Value): Deploy {
  const id = isValueMap(json) ? json['id'] : undefined;
  if (!isValueMap(json) || typeof id !== 'string') {
    throw new StepError('Render answered with something that is not a deploy', { code: 'badAnswer' });
  }
  const word = (key: string): string | null => (typeof json[key] === 'string' ? json[key] : null);
  const moment = (key: string): Instant | null => Instant.parse(word(key) ?? '') ?? null;
  return {
    id,
    status: word('status'),
    trigger: word('trigger'),
    createdAt: moment('createdAt'),
    finishedAt: moment('finishedAt'),
  };
}
