import type { Value, ValueMap } from '../../../base/value.ts';
import { isValueMap } from '../../../base/value.ts';
import { Duration } from '../../../base/duration.ts';
import type { Environment } from '../../../model/environment.ts';
import type { Handle } from '../../../model/handle.ts';
import { isHandle } from '../../../model/handle.ts';
import { StepError } from '../../../model/kind.ts';

const PUBLIC_API = 'https://api.render.com/v1';
const PUBLIC_STATUS_PAGE = 'https://status.render.com';
/** "The last ten minutes cannot be restored": https://render.com/docs/postgresql-backups */
const TARGETABLE_AFTER = new Duration(600_000_000);

/** Where Render's API is, without a slash at its end. */
export function renderApi(environment: Environment): string {
  return addressOf(section(environment)['api'], PUBLIC_API);
}

export function renderStatusPage(environment: Environment): string {
  return addressOf(section(environment)['statusPage'], PUBLIC_STATUS_PAGE);
}

/** The workspace that everything of this environment belongs to. */
export function renderWorkspace(environment: Environment): string | undefined {
  const workspace = section(environment)['workspace'];
  return typeof workspace === 'string' ? workspace : undefined;
}

export function renderKey(environment: Environment): Handle {
  const key = section(environment)['key'];
  if (isHandle(key)) return key;
  throw new StepError(`the environment ${environment.name} has no key for Render's API`, {
    code: 'notConfigured',
    hint: 'Add "render: { key: { env: RENDER_API_KEY } }" to the environment.',
  });
}

/** How a shell names the key: `$RENDER_API_KEY`. */
export function renderKeyInShell(environment: Environment): string {
  const key = section(environment)['key'];
  return isHandle(key) && typeof key['name'] === 'string' ? `$${key['name']}` : '$RENDER_API_KEY';
}

/**
 * How old a moment must be before a recovery can aim at it: here, and at the real Render where a sandbox
 * shortens the wait, with who says so.
 */
export function recoveryDelays(environment: Environment): {
  readonly targetable: Duration;
  readonly real: Duration;
  readonly source: string;
} {
  const recovery = section(environment)['recovery'];
  const settings = isValueMap(recovery) ? recovery : {};
  const real = durationOf(settings['realTargetableAfter']);
  return {
    targetable: durationOf(settings['targetableAfter']) ?? TARGETABLE_AFTER,
    real: real ?? TARGETABLE_AFTER,
    source: real === undefined ? 'Render’s documentation' : 'render.recovery.realTargetableAfter',
  };
}

function section(environment: Environment): ValueMap {
  const render = environment.data['render'];
  return isValueMap(render) ? render : {};
}

const addressOf = (value: unknown, otherwise: string): string =>
  (typeof value === 'string' ? value : otherwise).replace(/\/+$/, '');

const durationOf = (value: Value | undefined): Duration | undefined =>
  value instanceof Duration ? value : typeof value === 'string' ? Duration.parse(value) : undefined;
