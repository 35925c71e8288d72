import type { Value, ValueMap } from '../../base/value.ts';
import { isValueMap } from '../../base/value.ts';
import type { Environment } from '../../model/environment.ts';
import { isHandle } from '../../model/handle.ts';
import { shownSecret } from './reveal.ts';

const PUBLIC_API = 'https://api.render.com/v1';

/** What the environment says of Render. */
export function renderSection(environment: Environment): ValueMap {
  const render = environment.data['render'];
  return isValueMap(render) ? render : {};
}

/** Where Render's API is, without a slash at its end. */
export const renderApi = (environment: Environment): string =>
  addressOf(renderSection(environment)['api'], PUBLIC_API);

/** How a shell names the key, between double quotes: `$RENDER_API_KEY`. */
export function renderKeyInShell(environment: Environment): string {
  const key = renderSection(environment)['key'];
  return isHandle(key) ? shownSecret(key) : '$RENDER_API_KEY';
}

export const addressOf = (value: Value | undefined, otherwise: string): string =>
  (typeof value === 'string' ? value : otherwise).replace(/\/+$/, '');
