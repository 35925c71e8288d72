import { Duration } from '../../base/duration.ts';
import { Instant } from '../../base/instant.ts';
import type { ValueMap } from '../../base/value.ts';
import { asText } from '../ground/text.ts';
import type { Fault, FaultPart, Injection } from './fault.ts';
import { now } from './program.ts';

const FAULT = 'certificate.expired';

/** Shows a certificate that has run out, as where nobody renewed it. */
export const certificateExpired: Fault<FaultPart> = { inject };

async function inject(args: ValueMap, { id, part: { certificate }, call }: FaultPart): Promise<Injection> {
  if (certificate === undefined) throw new Error(`${FAULT}: the part ${id} shows no certificate`);
  const ago = Duration.parse(asText(args['ago']) ?? '')?.millis ?? 0;
  const at = now();
  // Certificates know no parts of a second.
  const ranOut = Math.floor((at.epochMillis - ago) / 1000) * 1000;
  await certificate.expire(new Date(ranOut));
  const expired = Instant.fromMillis(ranOut);
  return {
    description: `the certificate of ${call(id)} ran out at ${expired.toString()}`,
    output: { at, expired },
  };
}
