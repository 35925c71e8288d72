import type { Json } from '../../base/json.ts';
import { isJsonObject } from '../../base/json.ts';

/** The value when it is a text, else undefined: for members of JSON and of arguments. */
export const asText = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** What an error says, without its class. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Environment variables; numbers and truth values as they are written. */
export const textsOf = (json: Json | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(isJsonObject(json) ? json : {}).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
