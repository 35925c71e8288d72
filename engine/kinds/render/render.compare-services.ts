import type { StepKind } from '../../model/kind.ts';
import { curl } from './client/by-hand.ts';
import { renderClient } from './client/client.ts';
import { differencesText } from './client/differences.ts';
import { compareServices } from './client/service-settings.ts';
import { findRenderId, nameOf, renderIdOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';

/** Holds a service that waits against the one in use: how it is set, what is deployed, its variables by name. */
export const renderCompareServices: StepKind<
  With['render.compare-services'],
  Output['render.compare-services']
> = {
  name: 'render.compare-services',
  effect: () => 'read',
  describe: (args) => `Hold the service ${nameOf(args.service)} at Render against ${nameOf(args.like)}`,
  byHand(args, environment) {
    const ids = [args.like, args.service].map(findRenderId);
    if (ids.includes(undefined)) return undefined;
    return ids
      .flatMap((id) => [`/services/${id ?? ''}`, `/services/${id ?? ''}/deploys?limit=1`])
      .map((path) => curl(environment, { method: 'GET', path }))
      .join('\n');
  },
  targets: (args) => [
    targetUse('services', args.service, 'read', 'provider'),
    targetUse('services', args.like, 'read', 'provider'),
  ],
  async run(args, context) {
    const differences = await compareServices(renderClient(context), {
      wanted: renderIdOf(args.like),
      found: renderIdOf(args.service),
      except: args.except ?? [],
    });
    return {
      same: differences.length === 0,
      differences: differences.map((difference) => ({ ...difference })),
      summary: differencesText(differences),
    };
  },
};
