import type { Json, JsonObject } from '../base/json.ts';
import { canonicalJson, isJsonObject } from '../base/json.ts';

/**
 * What somebody who is not at the run's own terminal says to it, as it lies in the inbox of the run. It counts once
 * the run's one writer has looked at it and taken it into the journal, and not before.
 */
export interface Message {
  /** Chosen by whoever sends it: the same one sent twice is one. */
  readonly id: string;
  /** As whom it was put there: the account of the database, or of the machine. */
  readonly account: string;
  /** Not looked at yet: it may be anything. */
  readonly body: Json;
}

/** Where messages to one run are left, and found by its writer. Both reject with the store's error. */
export interface Inbox {
  /** Durable when it resolves. */
  put(id: string, body: JsonObject): Promise<void>;
  /** All messages in the order in which they came, those that come later too, until the signal aborts. */
  messages(signal: AbortSignal): AsyncIterable<Message>;
}

/** A message as it has to be: what it says, by its type. */
export type Said = AnswerSaid | ApprovalSaid;

interface SaidBase {
  readonly run: string;
  /** Who says it, as the environment lists people. */
  readonly by: string;
  readonly proof?: Proof;
}

/** The answer to a question. */
export interface AnswerSaid extends SaidBase {
  readonly type: 'answer';
  readonly gate: string;
  readonly answer: string;
  readonly reason?: string;
  /** Encoded. */
  readonly values?: JsonObject;
}

/** That a step may go ahead as it is, bound to all that it would be carried out with. */
export interface ApprovalSaid extends SaidBase {
  readonly type: 'approval';
  /** The step's key. */
  readonly step: string;
  readonly digest: string;
  /** RFC 3339, both. */
  readonly at: string;
  readonly expires: string;
}

/** That it was they. By its kind: a passkey will say more than a key does. */
export interface Proof {
  readonly kind: 'ed25519';
  /** The public key: Base64 of its DER (SPKI), as the environment has it. */
  readonly key: string;
  /** Of the statement's bytes, in Base64. */
  readonly signature: string;
}

/** What a message came as: kept in the journal with what it led to. */
export interface Sent {
  readonly message: string;
  readonly account: string;
  /** The text that was signed, byte for byte. */
  readonly statement?: string;
  readonly proof?: Proof;
}

/** The text that a proof is about: all that is said, in canonical JSON, without the proof itself. */
export const statementOf = (said: Said): string => canonicalJson(messageJson({ ...said, proof: undefined }));

/** A message as it is left in an inbox: its members that are said. */
export function messageJson(said: object): JsonObject {
  const members: readonly [string, Json | undefined][] = Object.entries(said);
  return Object.fromEntries(
    members.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
}

/** No message is longer than this, as JSON: an answer is a word, a reason, some values. */
export const MOST_BYTES = 64 * 1024;

const MESSAGE_ID = /^[A-Za-z0-9_-]{8,64}$/;

export const isMessageId = (text: string): boolean => MESSAGE_ID.test(text);

/** Reads what somebody has put into an inbox; the problem, where it is no message. */
export function readSaid(body: Json): Said | { readonly problem: string } {
  if (!isJsonObject(body)) return { problem: 'it is no message' };
  const shape = typeof body['type'] === 'string' ? SHAPES.get(body['type']) : undefined;
  if (shape === undefined) return { problem: 'it says nothing that a run understands' };
  for (const [name, { fits, optional }] of Object.entries(shape)) {
    const value = body[name];
    if (value === undefined ? optional !== true : !fits(value))
      return { problem: `its ${name} is not right` };
  }
  const unknown = Object.keys(body).find((name) => name !== 'type' && !Object.hasOwn(shape, name));
  if (unknown !== undefined) return { problem: 'it has more in it than it may' };
  // Each of its members was looked at.
  return body as unknown as Said;
}

interface Member {
  readonly fits: (value: Json) => boolean;
  readonly optional?: true;
}

const text = (longest: number): Member => ({
  fits: (value) => typeof value === 'string' && value !== '' && value.length <= longest,
});

const optional = ({ fits }: Member): Member => ({ fits, optional: true });

const PROOF: Member = {
  fits: (value) =>
    isJsonObject(value) &&
    value['kind'] === 'ed25519' &&
    typeof value['key'] === 'string' &&
    typeof value['signature'] === 'string' &&
    Object.keys(value).length === 3,
  optional: true,
};

const BASE = { run: text(64), by: text(200), proof: PROOF };

const SHAPES: ReadonlyMap<string, Readonly<Record<string, Member>>> = new Map([
  [
    'answer',
    {
      ...BASE,
      gate: text(1000),
      answer: text(40),
      reason: optional(text(4000)),
      values: { fits: isJsonObject, optional: true },
    },
  ],
  [
    'approval',
    {
      ...BASE,
      step: text(1000),
      digest: text(64),
      at: text(40),
      expires: text(40),
    },
  ],
]);
