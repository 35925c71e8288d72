import { isJsonObject } from '../../base/json.ts';
import type { StepContext, StepKind } from '../../model/kind.ts';
import { poll } from '../context/poll.ts';
import { curl } from './client/by-hand.ts';
import { renderClient } from './client/client.ts';
import type { Call } from './client/errors.ts';
import type { MaintainedService, MaintenanceMode } from './client/maintenance.ts';
import { readMaintenance } from './client/maintenance.ts';
import { findRenderId, nameOf, renderIdOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';

type Args = With['render.maintenance'];
type Result = Output['render.maintenance'];

const call = (id: string): Call => ({ method: 'PATCH', path: `/services/${encodeURIComponent(id)}` });

/**
 * Switches the maintenance mode of a web service: the public gets a page with status 503. The service itself
 * runs on, so this alone stops no worker and no write.
 */
export const renderMaintenance: StepKind<Args, Result> = {
  name: 'render.maintenance',
  outputs: ['previous'],
  effect: () => 'write',
  describe: (args) => `Switch the maintenance mode of ${nameOf(args.service)} ${args.enabled ? 'on' : 'off'}`,
  byHand(args, environment) {
    const id = findRenderId(args.service);
    const mode = { enabled: args.enabled, uri: args.page ?? '' };
    return id === undefined ? undefined : curl(environment, call(id), bodyOf(mode));
  },
  targets: (args) => [targetUse('services', args.service, 'write', 'provider')],

  async run(args, context) {
    const client = renderClient(context);
    const before = await readMaintenance(client, renderIdOf(args.service));
    const wanted = wantedOf(args, before.mode);
    if (isSame(before.mode, wanted)) return output(before, previousOf(context) ?? before.mode);
    const previous = previousOf(context) ?? before.mode;
    await context.saveCheckpoint({ previous: { ...previous } });
    await client.call(call(before.id), { body: bodyOf(wanted) });
    const after = await poll(context, {
      reason: `Render switches the maintenance mode of ${before.name}`,
      read: () => readMaintenance(client, before.id),
      done: ({ mode }) => isSame(mode, wanted),
    });
    return output(after, previous);
  },

  async reconcile(args, context) {
    const now = await readMaintenance(renderClient(context), renderIdOf(args.service));
    if (!isSame(now.mode, wantedOf(args, now.mode))) return { verdict: 'notHappened' };
    return { verdict: 'happened', output: output(now, previousOf(context) ?? now.mode) };
  },
};

/** Both members have to be sent: a page that is not named stays as it was. */
const wantedOf = (args: Args, now: MaintenanceMode): MaintenanceMode => ({
  enabled: args.enabled,
  uri: args.page ?? now.uri,
});

const isSame = (left: MaintenanceMode, right: MaintenanceMode): boolean =>
  left.enabled === right.enabled && left.uri === right.uri;

const bodyOf = (mode: MaintenanceMode) => ({ serviceDetails: { maintenanceMode: { ...mode } } });

/** As it was before the first life of this step. */
function previousOf({ checkpoint }: StepContext): MaintenanceMode | undefined {
  const previous = isJsonObject(checkpoint) ? checkpoint['previous'] : undefined;
  if (!isJsonObject(previous)) return undefined;
  const { enabled, uri } = previous;
  return { enabled: enabled === true, uri: typeof uri === 'string' ? uri : '' };
}

const output = ({ id, name, mode }: MaintainedService, previous: MaintenanceMode): Result => ({
  service: { id, name },
  enabled: mode.enabled,
  page: mode.uri,
  previous: { enabled: previous.enabled, page: previous.uri },
  changed: !isSame(mode, previous),
});
