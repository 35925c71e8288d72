import { httpDate } from './dates.ts';
import type { ObjectVersion } from './versions.ts';
import type { Element } from './xml.ts';
import { element } from './xml.ts';

const DAY_MS = 24 * 3600_000;

/** A copy can be read: the restore has ended and has not expired. */
export function isRestored(version: ObjectVersion, now = new Date()): boolean {
  const { restored } = version;
  return restored !== undefined && restored.ready <= now && now < expiry(restored);
}

/** `x-amz-restore`, for an object that is being or has been restored. */
export function restoreHeader(version: ObjectVersion): Readonly<Record<string, string>> {
  const { restored } = version;
  if (restored === undefined) return {};
  if (restored.ready > new Date()) return { 'x-amz-restore': 'ongoing-request="true"' };
  if (!isRestored(version)) return {};
  return { 'x-amz-restore': `ongoing-request="false", expiry-date="${httpDate(expiry(restored))}"` };
}

/** The same in a listing, where it was asked for. */
export function restoreElement(version: ObjectVersion): Element | undefined {
  const { restored } = version;
  if (restored === undefined) return undefined;
  const ongoing = restored.ready > new Date();
  if (!ongoing && !isRestored(version)) return undefined;
  return element('RestoreStatus', [
    element('IsRestoreInProgress', ongoing),
    ongoing ? undefined : element('RestoreExpiryDate', expiry(restored)),
  ]);
}

/** S3 rounds up to the next midnight, UTC. */
function expiry({ ready, days }: { readonly ready: Date; readonly days: number }): Date {
  return new Date(Math.ceil((ready.getTime() + days * DAY_MS) / DAY_MS) * DAY_MS);
}
