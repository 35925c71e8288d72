import type { Json, JsonObject } from '../../../base/json.ts';
import { isJsonObject } from '../../../base/json.ts';
import { asText, messageOf } from '../../ground/text.ts';
import { withText } from './write.ts';

/** Asks an address. Rejects in words where nobody answers. */
export async function ask(url: string, options: RequestInit): Promise<Response> {
  try {
    return await fetch(url, options);
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw new Error(`${url} does not answer: ${messageOf(cause)}`, { cause: error });
  }
}

/** Headers and body of a request that is described by `headers` and `json`, with a text in place of `$1`. */
export function bodyOf(
  { headers, json }: JsonObject,
  text = '',
  file?: Buffer,
): { readonly headers: Record<string, string>; readonly body?: NonNullable<RequestInit['body']> } {
  const own = headersOf(headers, text);
  const type = (fallback: string) => ({ 'content-type': fallback, ...own });
  if (file !== undefined) return { headers: type('application/octet-stream'), body: new Uint8Array(file) };
  if (json === undefined) return { headers: own };
  return { headers: type('application/json'), body: JSON.stringify(jsonWith(json, text)) };
}

/** Headers by their names in lower case, with a text in place of `$1`. */
export const headersOf = (headers: Json | undefined, text: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(isJsonObject(headers) ? headers : {}).map(([name, value]) => [
      name.toLowerCase(),
      withText(asText(value) ?? '', text),
    ]),
  );

function jsonWith(json: Json, text: string): Json {
  if (typeof json === 'string') return withText(json, text);
  if (Array.isArray(json)) return json.map((item: Json) => jsonWith(item, text));
  if (!isJsonObject(json)) return json;
  return Object.fromEntries(Object.entries(json).map(([key, member]) => [key, jsonWith(member, text)]));
}
