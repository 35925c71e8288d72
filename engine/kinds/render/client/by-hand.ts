import type { Json } from '../../../base/json.ts';
import type { Environment } from '../../../model/environment.ts';
import { quote } from '../../context/quote.ts';
import { renderApi, renderKeyInShell } from '../../context/render-api.ts';
import type { Call } from './errors.ts';

/** The same call as a person would make it: curl, with the key as a variable. */
export function curl(environment: Environment, call: Call, body?: Json): string {
  return [
    call.method === 'GET' ? 'curl -fsS' : `curl -fsS -X ${call.method}`,
    `-H "Authorization: Bearer ${renderKeyInShell(environment)}"`,
    ...(body === undefined
      ? []
      : ["-H 'Content-Type: application/json'", `-d ${quote(JSON.stringify(body))}`]),
    quote(renderApi(environment) + call.path),
  ].join(' ');
}
