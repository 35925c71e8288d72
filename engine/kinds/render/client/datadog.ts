import type { JsonObject } from '../../../base/json.ts';
import type { ValueMap } from '../../../base/value.ts';
import { isHandle } from '../../../model/handle.ts';
import type { StepContext } from '../../../model/kind.ts';
import { StepError } from '../../../model/kind.ts';

/** The key as an order carries it; creating and recovering spell its name differently. */
export async function datadogOrder(
  datadog: { readonly apiKey: string | ValueMap; readonly site?: string } | undefined,
  context: StepContext,
  spelling: 'datadogAPIKey' | 'datadogApiKey',
): Promise<JsonObject> {
  if (datadog === undefined) return {};
  const { apiKey, site } = datadog;
  const key = isHandle(apiKey) ? (await context.secrets.reveal(apiKey, context.signal)).reveal() : apiKey;
  if (typeof key !== 'string' || key === '') {
    throw new StepError('"datadog.apiKey" is neither a text nor a secret', { code: 'usage' });
  }
  return { [spelling]: key, ...(site !== undefined && { datadogSite: site }) };
}
