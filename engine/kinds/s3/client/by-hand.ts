import type { ValueMap } from '../../../base/value.ts';
import { isValueMap } from '../../../base/value.ts';
import type { Environment } from '../../../model/environment.ts';
import { isHandle } from '../../../model/handle.ts';
import { inShell } from '../../context/in-shell.ts';
import { quote } from '../../context/quote.ts';
import { awsSection } from './access.ts';

/**
 * `aws <words>` for a bucket of the environment: with its region, its endpoint and the account that
 * must own it, as whoever the environment says. Words are quoted.
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
  const { settings, options: profile } = asWhom(environment, section, target);
  return [...settings, ...['aws', ...words, ...place, ...profile].map(quote)].join(' ');
}

/** As whom AWS is asked: by the profile, or by the key, which the shell finds where it lies. */
function asWhom(
  environment: Environment,
  section: ValueMap,
  target: ValueMap,
): { readonly settings: readonly string[]; readonly options: readonly string[] } {
  const own = isValueMap(target['credentials']) || typeof target['profile'] === 'string' ? target : section;
  const { credentials, profile } = own;
  if (typeof profile === 'string') return { settings: [], options: ['--profile', profile] };
  const keys = isValueMap(credentials) ? credentials : {};
  const settings = VARIABLES.flatMap(([member, variable]) => {
    const handle = keys[member];
    if (!isHandle(handle)) return [];
    const shown = inShell(handle, environment);
    // Where it has that name, the shell has it.
    return shown === `$${variable}` ? [] : [`${variable}="${shown}"`];
  });
  return { settings, options: [] };
}

const VARIABLES = [
  ['accessKeyId', 'AWS_ACCESS_KEY_ID'],
  ['secretAccessKey', 'AWS_SECRET_ACCESS_KEY'],
  ['sessionToken', 'AWS_SESSION_TOKEN'],
] as const;
