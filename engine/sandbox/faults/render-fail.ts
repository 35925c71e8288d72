import { Duration } from '../../base/duration.ts';
import { Instant } from '../../base/instant.ts';
import type { ValueMap } from '../../base/value.ts';
import type { BreakableProvider } from '../render/breakable.ts';
import type { Fault, Injection } from './fault.ts';
import { asText } from '../ground/text.ts';

/** Render's API answers some calls with an error instead of doing what they ask. */
export const renderFail: Fault<BreakableProvider> = { inject };

function inject(args: ValueMap, { renderApi }: BreakableProvider): Promise<Injection> {
  const status = Number(args['status']);
  const calls = args['calls'] === 'reads' || args['calls'] === 'writes' ? args['calls'] : 'all';
  const operation = asText(args['operation']);
  const times = args['times'] === undefined ? undefined : Number(args['times']);
  const lasts = args['for'] === undefined ? undefined : Duration.parse(asText(args['for']) ?? '');
  if (times === undefined && lasts === undefined) throw new Error('render.fail: give "times" or "for"');
  const at = Instant.fromMillis(Date.now());
  renderApi.fail({
    status,
    calls,
    operation,
    times,
    lastsMs: lasts?.millis,
    retryAfter: args['retryAfter'] === undefined ? undefined : Number(args['retryAfter']),
  });
  const which = operation ?? (calls === 'all' ? 'every call' : calls);
  const howLong = [
    times === undefined ? '' : `${String(times)} times`,
    lasts === undefined ? '' : `for ${lasts.toString()}`,
  ];
  return Promise.resolve({
    description: `Render answers ${String(status)} to ${which} ${howLong.filter((text) => text !== '').join(', at most ')}`,
    output: { at, status },
  });
}
