import type { Value } from '../../../base/value.ts';
import { isValueMap } from '../../../base/value.ts';
import { Duration } from '../../../base/duration.ts';
import type { Environment } from '../../../model/environment.ts';
import type { Handle } from '../../../model/handle.ts';
import { isHandle } from '../../../model/handle.ts';
import { StepError } from '../../../model/kind.ts';
import { addressOf, renderSection } from '../../context/render-api.ts';

const PUBLIC_STATUS_PAGE = 'https://status.render.com';
/** "The last ten minutes cannot be restored": https://render.com/docs/postgresql-backups */
const TARGETABLE_AFTER = new Duration(600_000_000);

export function renderStatusPage(environment: Environment): string {
  return addressOf(renderSection(environment)['statusPage'], PUBLIC_STATUS_PAGE);
}

/** The workspace that everything of this environment belongs to. */
export function renderWorkspace(environment: Environment): string | undefined {
  const workspace = renderSection(environment)['workspace'];
  return typeof workspace === 'string' ? workspace : undefined;
}

export function renderKey(environment: Environment): Handle {
  const key = renderSection(environment)['key'];
  if (isHandle(key)) return key;
  throw new StepError(`the environment ${environment.name} has no key for Render's API`, {
    code: 'notConfigured',
    hint: 'Add "render: { key: { env: RENDER_API_KEY } }" to the environment.',
  });
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
  const recovery = renderSection(environment)['recovery'];
  const settings = isValueMap(recovery) ? recovery : {};
  const real = durationOf(settings['realTargetableAfter']);
  return {
    targetable: durationOf(settings['targetableAfter']) ?? TARGETABLE_AFTER,
    real: real ?? TARGETABLE_AFTER,
    source: real === undefined ? 'Render’s documentation' : 'render.recovery.realTargetableAfter',
  };
}

const durationOf = (value: Value | undefined): Duration | undefined =>
  value instanceof Duration ? value : typeof value === 'string' ? Duration.parse(value) : undefined;
