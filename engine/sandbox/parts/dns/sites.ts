import type { Json, JsonObject } from '../../../base/json.ts';
import { isJsonObject, listOf } from '../../../base/json.ts';
import { asText } from '../../ground/text.ts';
import type { Site } from '../../outside/public-name.ts';
import { PublicName } from '../../outside/public-name.ts';
import type { BreakableProvider } from '../../render/breakable.ts';
import { customDomain } from '../../render/custom-domain.ts';
import type { Service } from '../../render/service.ts';
import type { KeepableProgram } from '../keepable.ts';
import type { PartContext } from '../part.ts';

/** A service of a provider, which knows it by names of one's own too. */
interface Provided {
  readonly provider: BreakableProvider;
  readonly service: Service;
  readonly program: KeepableProgram | undefined;
}

interface Known {
  readonly name: PublicName;
  /** What is deployed at its sites, as far as that is known. */
  readonly programs: ReadonlyMap<Site, KeepableProgram>;
}

/** The name, and all that it can lead to. The provider of a service has it as a custom domain of the first. */
export function publicNameOf(args: JsonObject, context: PartContext): Known {
  const name = asText(args['name']) ?? '';
  const [first, ...others] = listOf(args['sites']).map((one) => placeOf(one, context));
  if (first === undefined) throw new Error(`${name} leads nowhere: it has no sites`);
  const known = new PublicName(name, [siteOf(first), ...others.map(siteOf)]);
  for (const place of [first, ...others]) {
    if ('provider' in place) place.provider.workspace.leads.set(name, () => known.site.url);
  }
  if ('service' in first) first.service.domains.set(name, customDomain(name, true));
  const programs = [first, ...others].flatMap((place): [Site, KeepableProgram][] =>
    'program' in place && place.program !== undefined ? [[place.service, place.program]] : [],
  );
  return { name: known, programs: new Map(programs) };
}

type Place = Site | Provided;

const siteOf = (place: Place): Site => ('service' in place ? place.service : place);

function placeOf(json: Json, context: PartContext): Place {
  const said = isJsonObject(json) ? json : {};
  const url = asText(said['url'])?.replace(/\/$/, '');
  if (url !== undefined) return { name: url, url };
  const id = asText(said['of']) ?? '';
  const { provider, programs } = context.part(id);
  if (provider === undefined) throw new Error(`the part ${id} is no provider of services`);
  const name = asText(said['service']) ?? '';
  const service = provider.services.get(name);
  if (service !== undefined && service.url !== '') {
    return { provider, service, program: programs?.get(name) };
  }
  const known = Array.from(provider.services).flatMap(([key, { url: its }]) => (its === '' ? [] : [key]));
  throw new Error(`the part ${id} has no web service ${name}: it has ${known.join(', ') || 'none'}`);
}
