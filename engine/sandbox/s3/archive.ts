import type { Call, Reply } from './call.ts';
import { S3Error, invalidArgument } from './errors.ts';
import { findObject } from './lookup.ts';
import { isRestored } from './restored.ts';
import { isArchive } from './storage-classes.ts';
import type { Element } from './xml.ts';
import { childOf, parse, childText } from './xml.ts';

/**
 * How long a tier takes, relative to `Standard`, which S3 gives 3 to 5 hours: `Bulk` 5 to 12 hours,
 * `Expedited` 1 to 5 minutes. Out of DEEP_ARCHIVE: 12 and 48 hours, and nothing expedited.
 */
const DURATIONS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  GLACIER: { Standard: 1, Bulk: 2.5, Expedited: 0.02 },
  DEEP_ARCHIVE: { Standard: 2.5, Bulk: 10 },
};

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
  const factor = DURATIONS[version.storageClass]?.[tier];
  if (factor === undefined) {
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
  version.restored = { ready: new Date(now.getTime() + call.state.restoreMs * factor), days };
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
