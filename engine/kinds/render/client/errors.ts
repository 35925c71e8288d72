import type { Value } from '../../../base/value.ts';
import { isValueMap } from '../../../base/value.ts';
import { StepError } from '../../../model/kind.ts';
import { SAFE_METHODS } from '../../http/methods.ts';

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the base, with its slash: `/services/srv-…/suspend`. */
  readonly path: string;
}

/** Render answered, and not with a success: `code` is the HTTP status, or the error's own code where it has one. */
export function renderError(
  call: Call,
  status: number,
  body: Value | undefined,
  keyInShell: string,
): StepError {
  const said = isValueMap(body) && typeof body['message'] === 'string' ? `: ${body['message']}` : '';
  const what = `${call.method} ${call.path}`;
  const server = status >= 500;
  return new StepError(`Render answered ${status} to ${what}${said}`, {
    code: String(status),
    changed: server && !SAFE_METHODS.has(call.method) ? 'maybe' : 'nothing',
    retryable: server || status === 429,
    details: {
      status,
      ...(isValueMap(body) && typeof body['code'] === 'string' && { reason: body['code'] }),
    },
    ...hintFor(status, keyInShell),
  });
}

function hintFor(status: number, keyInShell: string): { hint?: string } {
  switch (status) {
    case 401:
      return { hint: `Render does not accept the key in ${keyInShell}: is it complete, and not revoked?` };
    case 403:
      return { hint: `The key in ${keyInShell} may not do this: is it a key of the right workspace?` };
    case 404:
      return { hint: 'Check the id in the environment, and that the key belongs to the same workspace.' };
    case 409:
      return {
        hint: 'Something else is going on there, or the thing is suspended: look at it in the dashboard.',
      };
    case 410:
      return { hint: 'It was deleted.' };
    default:
      return status >= 500 ? { hint: 'Look at https://status.render.com, then try again.' } : {};
  }
}
