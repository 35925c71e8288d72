import type { ValueMap } from '../../base/value.ts';
import type { Environment, Identity } from '../../model/environment.ts';
import type { SecretResolver } from '../../model/handle.ts';
import { StepError } from '../../model/kind.ts';
import { keyFingerprint, routeTo } from '../shell/client/host.ts';
import { runPayload } from '../shell/client/remote.ts';

/** Somebody waits at a gate: a host that hangs is told as unreachable soon. */
const PATIENCE_MS = 20_000;

/**
 * Asks a host who it is: the key that it shows is held against the environment's by ssh, before anybody logs in.
 * Throws `StepError` when it cannot be asked.
 */
export async function identifyHost(
  target: ValueMap,
  {
    environment,
    secrets,
    signal,
  }: { environment: Environment; secrets: SecretResolver; signal: AbortSignal },
): Promise<Identity> {
  if (target['hostKey'] === undefined) {
    return { verdict: 'absent', facts: {}, reason: 'the environment has no host key of it' };
  }
  const route = routeTo(target, environment);
  const host = route.at(-1);
  const facts = {
    address: `${host?.address ?? ''}:${String(host?.port ?? '')}`,
    'host key': keyFingerprint(host?.hostKey ?? ''),
    ...(host?.user !== undefined && { user: host.user }),
  };
  const within = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
  const quiet = { secrets, signal: within, log: () => undefined };
  try {
    const { stdout } = await runPayload(
      'uname -n; uptime -s 2>/dev/null || true',
      '',
      { route, sudo: undefined },
      quiet,
    );
    const [name = '', since = ''] = stdout.split('\n');
    return { verdict: 'match', facts: { name, ...facts, ...(since !== '' && { 'up since': since }) } };
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    if (error.code === 'hostKeyMismatch') return { verdict: 'mismatch', facts, reason: error.message };
    // It proved who it is before it refused the user; on the way over others it may have been one of those.
    if (error.code === 'auth' && route.length === 1)
      return { verdict: 'match', facts: { ...facts, 'log in': 'refused' } };
    throw error;
  }
}
