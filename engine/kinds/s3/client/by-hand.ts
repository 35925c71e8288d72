import type { ValueMap } from '../../../base/value.ts';
import type { Environment } from '../../../model/environment.ts';
import { quote } from '../../machine/quote.ts';
import { awsSection } from './access.ts';

/**
 * `aws <words>` for a bucket of the environment: with its region, its endpoint and the account that
 * must own it. Words are quoted. Undefined while the bucket is not known.
 */
export function aws(
  environment: Environment,
  target: ValueMap,
  words: readonly string[],
  options: { readonly owner?: boolean } = {},
): string {
  const section = awsSection(environment);
  const region = target['region'] ?? section['region'];
  const endpoint = target['endpoint'] ?? section['endpoint'];
  const account = section['account'];
  const place = [
    ...(typeof region === 'string' ? ['--region', region] : []),
    ...(typeof endpoint === 'string' ? ['--endpoint-url', endpoint] : []),
    // `aws s3` knows no such option; `aws s3api` does.
    ...(words[0] === 's3api' && options.owner !== false && typeof account === 'string'
      ? ['--expected-bucket-owner', account]
      : []),
  ];
  return ['aws', ...words, ...place].map(quote).join(' ');
}
