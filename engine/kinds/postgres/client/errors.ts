import type { DatabaseError } from 'pg';
import type { ValueMap } from '../../../base/value.ts';
import { StepError } from '../../../model/kind.ts';

/** Classes of SQLSTATE that say nothing about the statement: the same may work in a moment. */
const PASSING = /^(08|40001|40P01|53|55P03|57P0[123])/;
/** The server ended the connection, or it broke: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const CONNECTION_ENDED = /^(08|57P0[123])/;
const BROKEN_SOCKET = /ECONNRESET|EPIPE|ETIMEDOUT|Connection terminated/;

/** Did the connection end under the statement, without the statement being at fault? */
export function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof StepError)) return false;
  return error.code === 'connectionLost' || CONNECTION_ENDED.test(error.code);
}

/** What PostgreSQL or the socket said while connecting to `place`. */
export function connectError(cause: unknown, place: string): StepError {
  const { code, message } = partsOf(cause);
  const known = explainConnect(code, message, place);
  return new StepError(known.message, {
    code: known.code ?? (code === '' ? 'unreachable' : code),
    retryable: known.code === 'unreachable' || known.code === 'timeout' || PASSING.test(code),
    cause,
    ...(known.hint !== undefined && { hint: known.hint }),
  });
}

/**
 * What PostgreSQL said to a statement. `wrote`: it may have changed something if the connection broke under it.
 * `before`: so many characters were sent in front of it.
 */
export function statementError(cause: unknown, statement: string, wrote: boolean, before = 0): StepError {
  const { code, message } = partsOf(cause);
  if (code === '' || BROKEN_SOCKET.test(`${code} ${message}`)) {
    return new StepError(`the connection broke while the statement ran: ${message}`, {
      code: 'connectionLost',
      changed: wrote ? 'maybe' : 'nothing',
      retryable: true,
      cause,
      ...(wrote && { hint: 'Whether the statement took effect is not known: look before you repeat it.' }),
    });
  }
  const error = cause as Partial<DatabaseError>;
  const place = positionOf(error.position, statement, before);
  const hint = hintFor(code, message) ?? error.hint;
  return new StepError(
    message + (place === undefined ? '' : ` (line ${place.line}, column ${place.column})`),
    {
      code,
      changed: wrote && CONNECTION_ENDED.test(code) ? 'maybe' : 'nothing',
      retryable: PASSING.test(code),
      details: detailsOf(error, place),
      cause,
      ...(hint !== undefined && { hint }),
    },
  );
}

function partsOf(cause: unknown): { readonly code: string; readonly message: string } {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return { code, message: cause instanceof Error ? cause.message : String(cause) };
}

function explainConnect(
  code: string,
  message: string,
  place: string,
): { message: string; code?: string; hint?: string } {
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return {
        code: 'dns',
        message: `the host name of ${place} cannot be resolved`,
        hint: "Is it an internal address? Those work inside the provider's network only.",
      };
    case 'ECONNREFUSED':
      return {
        code: 'unreachable',
        message: `${place}: the connection is refused`,
        hint: 'Is the server running?',
      };
    case 'timeout':
      return {
        code: 'timeout',
        message: `${place}: ${message}`,
        hint: "Is this machine's address on the database's allow list?",
      };
    case '28P01':
      return {
        message: `${place}: wrong password`,
        hint: 'Was it changed, or is it that of another database?',
      };
    case '28000':
      return /no encryption|SSL off/i.test(message)
        ? {
            message: `${place}: the server demands TLS`,
            hint: 'Add "?sslmode=require" to the connection string.',
          }
        : { message: `${place}: ${message}` };
    case '3D000':
      return {
        message: `${place}: there is no such database`,
        hint: 'Check the name at the end of the address.',
      };
    case '53300':
      return {
        message: `${place}: no connection is free`,
        hint: 'Suspend what is connected, or raise the limit.',
      };
    case '57P03':
      return { message: `${place}: the server is not ready: ${message}` };
  }
  if (BROKEN_SOCKET.test(`${code} ${message}`)) {
    return {
      code: 'unreachable',
      message: `${place}: the connection was cut before anything was asked: ${message}`,
      hint: "Is the server running, and is this machine's address on its allow list (render.allow-ip)?",
    };
  }
  if (/does not support SSL/.test(message)) {
    return { code: 'tls', message: `${place}: the server has no TLS, and the connection string demands it` };
  }
  if (/CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO|EPROTO/.test(code)) {
    return { code: 'tls', message: `${place}: no secure connection: ${message}` };
  }
  // A SQLSTATE is kept as the code; anything else is the socket's.
  const known = /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('E');
  return { ...(!known && { code: 'unreachable' }), message: `${place}: ${message}` };
}

function hintFor(code: string, message: string): string | undefined {
  if (code === 'XX001' || code === 'XX002' || /invalid page in block/.test(message)) {
    return 'The data on disk is damaged: recover the database, and do not write to it any more.';
  }
  if (code === '25006')
    return 'Only reading is allowed here: to change something use sql.execute, on a primary.';
  if (code === '53100') return 'The disk is full: free space or enlarge it, then try again.';
  return undefined;
}

/** PostgreSQL counts characters from 1. */
function positionOf(
  position: string | undefined,
  statement: string,
  skipped: number,
): { readonly line: number; readonly column: number } | undefined {
  const offset = Number(position) - skipped;
  if (position === undefined || !Number.isInteger(offset) || offset < 1) return undefined;
  const before = Array.from(statement)
    .slice(0, offset - 1)
    .join('');
  return { line: before.split('\n').length, column: before.length - before.lastIndexOf('\n') };
}

function detailsOf(
  error: Partial<DatabaseError>,
  place: { readonly line: number; readonly column: number } | undefined,
): ValueMap {
  const { detail, schema, table, column, constraint } = error;
  return Object.fromEntries(
    Object.entries({
      detail,
      schema,
      table,
      column,
      constraint,
      ...(place && { position: { ...place } }),
    }).filter((entry): entry is [string, NonNullable<(typeof entry)[1]>] => entry[1] !== undefined),
  );
}
