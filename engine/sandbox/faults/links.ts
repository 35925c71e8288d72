import { Duration } from '../../base/duration.ts';
import type { ValueMap } from '../../base/value.ts';
import { asText, messageOf } from '../ground/text.ts';
import type { Link } from '../network/link.ts';
import type { FaultPart } from './fault.ts';

interface Chosen {
  readonly links: readonly Link[];
  /** The parts that they lead to. */
  readonly to: readonly string[];
}

/** The ways from a part to the one that is named, or to all. Rejects when there is none. */
export function linksOf(fault: string, args: ValueMap, { id, part: { links } }: FaultPart): Chosen {
  if (links === undefined) throw new Error(`${fault}: ${id} reaches nobody over a network of this world`);
  const to = asText(args['to']);
  try {
    return { links: links.to(to), to: to === undefined ? links.names : [to] };
  } catch (error) {
    throw new Error(`${fault}: ${messageOf(error)}`, { cause: error });
  }
}

/** How long it lasts, and that in words; nothing where somebody has to put it right. */
export function forSoLong(args: ValueMap): { readonly millis: number | undefined; readonly words: string } {
  const lasts = Duration.parse(asText(args['for']) ?? '');
  return { millis: lasts?.millis, words: lasts === undefined ? '' : ` for ${lasts.toString()}` };
}
