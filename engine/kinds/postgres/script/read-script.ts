import { basename } from 'node:path';
import { StepError } from '../../../model/kind.ts';
import { OUTSIDE, isOutside, throughLine } from './lexical-state.ts';
import { linesOf } from './lines.ts';

/** The last line that pg_dump writes. */
const COMPLETE = '-- PostgreSQL database dump complete';
const CLUSTER = '-- PostgreSQL database cluster dump';

/** What is of the database as a whole, of owners or of grants: the copy is a database of its own, with one role. */
const OF_THE_WHOLE =
  /^(?:ALTER .* OWNER TO .*|GRANT .*|REVOKE .*|ALTER DEFAULT PRIVILEGES .*|SET SESSION AUTHORIZATION .*|(?:CREATE|ALTER|DROP|COMMENT ON) DATABASE .*|COMMENT ON EXTENSION .*);$/;
/** pg_dump puts large objects into transactions of their own. */
const TRANSACTION = /^(?:BEGIN|COMMIT);$/;
const CONNECT = /^\\connect (?:-reuse-previous=\w+ )?(?:"dbname='(.+)'"|(.+))$/;
/** What newer versions put around a dump, so that psql takes no command in it. */
const RESTRICTION = /^\\(?:un)?restrict \w+$/;
const LEFT_OUT = [OF_THE_WHOLE, TRANSACTION, CONNECT, RESTRICTION];
const COPY = /^COPY .* FROM stdin;$/;

/** A line of a dump that is handed on, or one that is left out. */
export interface ScriptLine {
  readonly text: string;
  readonly leftOut: boolean;
}

/**
 * The lines of a dump of plain SQL that psql may be given. Throws `StepError` at a command of psql's own, which could
 * do anything on this machine, and at an end before the dump's end: psql takes a table that breaks off for a whole one.
 */
export async function* scriptLines(
  path: string,
  options: { readonly compressed: boolean; readonly signal: AbortSignal },
): AsyncGenerator<ScriptLine> {
  let state = OUTSIDE;
  let inRows = false;
  let isComplete = false;
  let number = 0;
  for await (const text of linesOf(path, options)) {
    number += 1;
    const isStart: boolean = !inRows && isOutside(state);
    if (isStart && text === CLUSTER) throw ofCluster(path);
    if (isStart && LEFT_OUT.some((pattern) => pattern.test(text))) {
      yield { text, leftOut: true };
      continue;
    }
    if (isStart && text === COMPLETE) isComplete = true;
    if (inRows) inRows = text !== String.raw`\.`;
    else {
      const through = throughLine(text, state);
      if (through.command !== -1) throw commandIn(path, number, text);
      ({ state } = through);
      inRows = isStart && COPY.test(text);
    }
    yield { text, leftOut: false };
  }
  if (!isComplete) throw brokenOff(path, number);
}

/** What a dump of plain SQL says of itself; reads all of it, and throws as `scriptLines` does. */
export async function readScriptHead(
  path: string,
  compressed: boolean,
  signal: AbortSignal,
): Promise<{ readonly database?: string; readonly serverVersion?: string }> {
  let database: string | undefined;
  let serverVersion: string | undefined;
  for await (const { text } of scriptLines(path, { compressed, signal })) {
    serverVersion ??= /^-- Dumped from database version (\S+)/.exec(text)?.[1];
    if (!text.startsWith(String.raw`\connect `)) continue;
    const found = CONNECT.exec(text);
    database ??= found?.[1] ?? found?.[2];
  }
  return {
    ...(database !== undefined && { database }),
    ...(serverVersion !== undefined && { serverVersion }),
  };
}

const ofCluster = (path: string): StepError =>
  new StepError(`${basename(path)} is a dump of a whole cluster, by pg_dumpall`, {
    code: 'notADump',
    hint: 'Dump each database with pg_dump.',
  });

const commandIn = (path: string, line: number, text: string): StepError =>
  new StepError(
    `line ${line} of ${basename(path)} holds a command of psql and not SQL: ${text.trim().slice(0, 60)}`,
    {
      code: 'commandInDump',
      hint: 'Such a command can do anything on this machine, so nothing of it was run. pg_dump writes none.',
    },
  );

const brokenOff = (path: string, lines: number): StepError =>
  new StepError(
    `${basename(path)} breaks off after line ${lines}: its last line does not say that it is complete`,
    {
      code: 'damagedDump',
      hint: 'The disk was full, the dump was stopped, or the copy was: look what the job that writes it said.',
    },
  );
