import { Duration } from '../../../base/duration.ts';
import { Instant } from '../../../base/instant.ts';
import type { Value } from '../../../base/value.ts';
import { isValueList, isValueMap } from '../../../base/value.ts';
import type { Handle } from '../../../model/handle.ts';
import { StepError } from '../../../model/kind.ts';
import { text } from '../../context/members.ts';
import type { RenderClient } from './client.ts';

/** "Kept for seven days": https://render.com/docs/postgresql-backups */
const KEPT = new Duration(7 * 24 * 3_600_000_000);

/**
 * A logical export. Render tells no state: one without a link is not ready, or failed. Ids have been seen that
 * name only instance and minute, so an export is told from another by id and time.
 */
export interface PostgresExport {
  readonly id: string;
  readonly createdAt: Instant;
  /** A secret: whoever has it can fetch the data. */
  readonly link: string | undefined;
}

/** Every export of an instance, newest first. The list has no pages. */
export async function readExports(
  client: RenderClient,
  database: string,
): Promise<readonly PostgresExport[]> {
  const answer = await client.get(`/postgres/${encodeURIComponent(database)}/export`);
  if (!isValueList(answer)) {
    throw new StepError('Render answered with something that is no list of exports', { code: 'badAnswer' });
  }
  const exports = answer.map(toExport);
  return exports.sort((left, right) => right.createdAt.epochMicros - left.createdAt.epochMicros);
}

function toExport(json: Value): PostgresExport {
  const { id, createdAt, url } = isValueMap(json) ? json : {};
  const at = typeof createdAt === 'string' ? Instant.parse(createdAt) : undefined;
  if (typeof id === 'string' && at !== undefined) {
    return { id, createdAt: at, link: typeof url === 'string' && url !== '' ? url : undefined };
  }
  throw new StepError('Render answered with something that is not an export', { code: 'badAnswer' });
}

/** What tells one export from all others of its instance. */
export const exportKey = ({ id, createdAt }: PostgresExport): string => `${id} ${createdAt.toString()}`;

/** The link of an export as a handle: asked of Render anew when it is used. */
const linkHandle = (database: string, { id, createdAt }: PostgresExport, source?: string): Handle => ({
  $ref: 'render.export',
  id,
  database,
  createdAt: createdAt.toString(),
  ...(source !== undefined && { source }),
});

/** An export as outputs show it, with its link named and not shown. `source`: the environment that the database is of, if it is another one. */
export const exportValue = (database: string, made: PostgresExport, source?: string) => ({
  id: made.id,
  createdAt: made.createdAt,
  expiresAt: new Instant(made.createdAt.epochMicros + KEPT.micros),
  ready: made.link !== undefined,
  link: linkHandle(database, made, source),
});

/** Resolves the handle of a link. Throws `StepError` when there is no such export any more, or no link of it yet. */
export async function readLink(client: RenderClient, handle: Handle): Promise<string> {
  const id = text(handle, 'id');
  const createdAt = text(handle, 'createdAt');
  const exports = await readExports(client, text(handle, 'database'));
  const found = exports.find((made) => made.id === id && made.createdAt.toString() === createdAt);
  if (found?.link !== undefined) return found.link;
  const gone = found === undefined;
  throw new StepError(`the export ${id} ${gone ? 'is not in the list any more' : 'has no link yet'}`, {
    code: gone ? 'noSuchExport' : 'notReady',
    hint: gone ? 'Render keeps an export for seven days: make a new one.' : 'Wait until it is ready.',
    retryable: !gone,
  });
}
