import { createHash } from 'node:crypto';
import type { ValueMap } from '../../../base/value.ts';
import { isValueMap } from '../../../base/value.ts';
import type { Environment } from '../../../model/environment.ts';
import type { Handle } from '../../../model/handle.ts';
import { isHandle } from '../../../model/handle.ts';
import { StepError } from '../../../model/kind.ts';
import { nameOf } from '../../context/target.ts';

/** A host as ssh is told of it. */
export interface Host {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly user: string | undefined;
  /** `ssh-ed25519 AAAA…`, without a comment. */
  readonly hostKey: string;
  /** The private key; the account's own keys and agent when absent. */
  readonly identity: Handle | undefined;
}

/** Hosts jumped over at most: a circle is found by it. */
const MOST_JUMPS = 5;
const PORT = 22;

/** The hosts on the way to an entry of `env.hosts`, itself last. Throws `StepError` for what the environment lacks. */
export function routeTo(target: ValueMap, environment: Environment): readonly Host[] {
  const route = [hostOf(target)];
  let via = target['via'];
  while (typeof via === 'string') {
    const hosts = environment.data['hosts'];
    const next = isValueMap(hosts) ? hosts[via] : undefined;
    if (!isValueMap(next)) {
      throw notConfigured(
        `${nameOf(target)} is reached via "${via}", and there is no such host`,
        'Add it to "hosts".',
      );
    }
    if (route.length > MOST_JUMPS) {
      throw notConfigured(
        `the way to ${nameOf(target)} jumps over more than ${String(MOST_JUMPS)} hosts`,
        'Is "via" a circle?',
      );
    }
    route.unshift(hostOf(next));
    via = next['via'];
  }
  return route;
}

function hostOf(target: ValueMap): Host {
  const { address, user, hostKey, identity, port } = target;
  const name = nameOf(target);
  if (typeof address !== 'string') throw notConfigured(`the host ${name} has no address`, 'Add "address".');
  // These go into a file that ssh reads: nothing in them may end a line or begin an option.
  if (!/^[\w.:[\]-]+$/.test(address) || address.startsWith('-')) {
    throw notConfigured(`"${address}" is no address of a host`, 'A name or an IP address stands there.');
  }
  if (user !== undefined && (typeof user !== 'string' || !/^[\w.@-]+$/.test(user) || user.startsWith('-'))) {
    throw notConfigured(`the user of the host ${name} is no name of an account`, 'Correct "user".');
  }
  return {
    name,
    address,
    port: typeof port === 'number' ? port : PORT,
    user,
    hostKey: keyOf(hostKey, name),
    identity: isHandle(identity) ? identity : undefined,
  };
}

function keyOf(hostKey: unknown, name: string): string {
  const key =
    typeof hostKey === 'string'
      ? /^\s*((?:ssh|ecdsa|sk)-[\w@.-]+ [A-Za-z0-9+/]+=*)(?:\s|$)/.exec(hostKey)?.[1]
      : undefined;
  if (key !== undefined) return key;
  throw notConfigured(
    hostKey === undefined
      ? `the environment has no host key of ${name}`
      : `the host key of ${name} is not one`,
    'Put the line of /etc/ssh/ssh_host_ed25519_key.pub of that host at "hostKey": read it on the host itself, not over the network.',
  );
}

/** As ssh shows it: `SHA256:…`. */
export function keyFingerprint(hostKey: string): string {
  const digest = createHash('sha256').update(Buffer.from(hostKey.split(' ')[1] ?? '', 'base64'));
  return `SHA256:${digest.digest('base64').replace(/=+$/, '')}`;
}

const notConfigured = (message: string, hint: string): StepError =>
  new StepError(message, { code: 'notConfigured', hint });
