import { Duration } from '../../base/duration.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Call, Reply } from './call.ts';
import { S3Error, invalidArgument } from './errors.ts';
import { findObject } from './lookup.ts';
import { isRestored } from './restored.ts';
import { isArchive } from './storage-classes.ts';
import type { Element } from './xml.ts';
import { childOf, parse, childText } from './xml.ts';

const HOUR = 3600;

/**
 * How long a retrieval takes at AWS at the longest, in seconds, by storage class and tier: out of GLACIER
 * `Expedited` takes 1 to 5 minutes, `Standard` 3 to 5 hours, `Bulk` 5 to 12; out of DEEP_ARCHIVE up to 12 and 48 hours.
 */
const LONGEST_RETRIEVAL: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  GLACIER: { Expedited: 300, Standard: 5 * HOUR, Bulk: 12 * HOUR },
  DEEP_ARCHIVE: { Standard: 12 * HOUR, Bulk: 48 * HOUR },
};

/** What `restoreMs` stands for. */
const USUAL = 5 * HOUR;

/** The same as an environment says it, of a service that does not take that long. */
export const realRetrieval = (): JsonObject =>
  Object.fromEntries(
    Object.entries(LONGEST_RETRIEVAL).map(([storageClass, tiers]) => [storageClass, inWords(tiers)]),
  );

const inWords = (tiers: Readonly<Record<string, number>>): JsonObject =>
  Object.fromEntries(
    Object.entries(tiers).map(([tier, seconds]) => [tier, Duration.fromMillis(seconds * 1000).toString()]),
  );

/** RestoreObject: 202 when it begins, 200 when there is a copy already, which then stays for so many days from now. */
export async function restoreObject(call: Call): Promise<Reply> {
  const version = findObject(call);
  const { days, tier } = readRequest(parse(await call.payload.text(), 'RestoreRequest'));
  if (!isArchive(version.storageClass)) {
    throw new S3Error('InvalidObjectState', {
      message: "Restore is not allowed for the object's current storage class",
      details: { StorageClass: version.storageClass },
    });
  }
  const really = LONGEST_RETRIEVAL[version.storageClass]?.[tier];
  if (really === undefined) {
    throw invalidArgument('Retrieval option is not supported by this storage class', 'Tier', tier);
  }
  const now = new Date();
  if (isRestored(version, now)) {
    version.restored = { ready: now, days };
    return { status: 200 };
  }
  if (version.restored !== undefined && version.restored.ready > now) {
    throw new S3Error('RestoreAlreadyInProgress');
  }
  version.restored = { ready: new Date(now.getTime() + (call.state.restoreMs * really) / USUAL), days };
  return { status: 202 };
}

function readRequest(request: Element): { days: number; tier: string } {
  const days = Number(childText(request, 'Days'));
  if (childText(request, 'Days') === undefined || !Number.isInteger(days)) throw new S3Error('MalformedXML');
  if (days < 1) {
    throw invalidArgument('restoration days should be at least 1', 'Days', String(days));
  }
  const parameters = childOf(request, 'GlacierJobParameters') ?? request;
  return { days, tier: childText(parameters, 'Tier') ?? 'Standard' };
}
