import { Duration } from '../../base/duration.ts';
import { Instant } from '../../base/instant.ts';
import type { ValueMap } from '../../base/value.ts';
import { isValueList } from '../../base/value.ts';
import type { BreakableProvider } from '../render/breakable.ts';
import type { Fault, Injection } from './fault.ts';
import type { Database } from '../render/database.ts';
import type { Service } from '../render/service.ts';
import { asText } from '../ground/text.ts';

const FAULT = 'render.outage';

/**
 * Render is down, everywhere or in one region: services and databases there are suspended by it and stopped,
 * nothing new can be made there, and the status page says so. Or it keeps some of them down, and does not know it.
 */
export const renderOutage: Fault<BreakableProvider> = { inject };

async function inject(args: ValueMap, world: BreakableProvider): Promise<Injection> {
  const { workspace, support } = world;
  const region = asText(args['region']);
  const lastsMs = millisOf(args, 'for');
  support.outlook = {
    answer: args['support'] === 'restored' ? 'restored' : 'cannot',
    afterMs: millisOf(args, 'supportAfter') ?? support.outlook.afterMs,
  };
  const only = namedIn(args, world);
  const at = Instant.fromMillis(Date.now());
  await workspace.outage.begin({ region, lastsMs, ...(only !== undefined && { only }) });
  const things = [...workspace.services.values(), ...workspace.databases.values()];
  const down = things.filter((thing) => workspace.outage.holds(thing)).map(({ name }) => name);
  const where = region === undefined ? '' : ` in ${region}`;
  return {
    description:
      only === undefined
        ? `Render is down${where}: ${down.join(', ')} stopped`
        : `Render keeps ${down.join(', ')} down`,
    output: { at, region: region ?? null, down },
  };
}

/** By their names in the environment: `services.api`. */
function namedIn(args: ValueMap, world: BreakableProvider): ReadonlySet<Service | Database> | undefined {
  if (!isValueList(args['only'])) return undefined;
  return new Set(
    args['only'].map(String).map((path) => {
      const [group, name = ''] = path.split('.');
      const found = group === 'services' ? world.services.get(name) : world.databases.get(name);
      if (found === undefined) throw new Error(`${FAULT}: there is no ${path} here`);
      return found;
    }),
  );
}

function millisOf(args: ValueMap, name: string): number | undefined {
  if (args[name] === undefined) return undefined;
  const parsed = Duration.parse(asText(args[name]) ?? '');
  if (parsed === undefined) throw new Error(`${FAULT}: "${name}" is no duration`);
  return parsed.millis;
}
