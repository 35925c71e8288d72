import type { Value, ValueMap } from '../../base/value.ts';
import { isValueMap } from '../../base/value.ts';
import type { Environment } from '../../model/environment.ts';
import { sourceOf } from '../../model/environment.ts';
import { isHandle } from '../../model/handle.ts';
import type { StepContext, StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { connectionHandle } from '../context/connection-handle.ts';
import { inShell, shellWord } from '../context/in-shell.ts';
import { curl } from './client/by-hand.ts';
import type { RenderClient } from './client/client.ts';
import { renderClient } from './client/client.ts';
import type { Call } from './client/errors.ts';
import { findRenderId, nameOf, renderIdOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';

type Args = With['render.set-env'];
type Result = Output['render.set-env'];

type Network = 'internal' | 'external';

/** Sets one environment variable of a service. That is all: it takes effect with the next deploy. */
export const renderSetEnv: StepKind<Args, Result> = {
  name: 'render.set-env',
  effect: () => 'write',
  describe(args) {
    const connection = connectionOf(args.value);
    const to = connection === undefined ? '' : ` to the connection of ${nameOf(connection.target)}`;
    return `Set ${args.key} of the service ${nameOf(args.service)}${to}`;
  },
  byHand,
  targets(args) {
    const connection = connectionOf(args.value);
    const service = targetUse('services', args.service, 'write', 'provider');
    if (connection === undefined) return [service];
    // Who is told of a connection may write by it.
    const effect = sourceOf(connection.target) === undefined ? 'read' : 'write';
    return [service, targetUse('databases', connection.target, effect, 'provider')];
  },

  async run(args, context) {
    const client = renderClient(context);
    const path = pathOf(args);
    const value = await revealed(args.value, context);
    if ((await readVariable(client, path)) === value) {
      return output(args, context.checkpoint !== undefined);
    }
    // Saved first: a later life can then tell that the value was another one before this step.
    await context.saveCheckpoint({ setting: args.key });
    await client.call({ method: 'PUT', path }, { body: { value } });
    return output(args, true);
  },

  async reconcile(args, context) {
    const value = await revealed(args.value, context);
    if ((await readVariable(renderClient(context), pathOf(args))) !== value)
      return { verdict: 'notHappened' };
    return { verdict: 'happened', output: output(args, context.checkpoint !== undefined) };
  },
};

const output = (args: Args, changed: boolean): Result => ({
  key: args.key,
  changed,
  takesEffect: 'next deploy',
});

const pathOf = (args: Args): string =>
  `/services/${renderIdOf(args.service)}/env-vars/${encodeURIComponent(args.key)}`;

/** The variable as it is, for a comparison; undefined when it is not set. */
async function readVariable(client: RenderClient, path: string): Promise<string | undefined> {
  try {
    const variable = await client.get(path);
    const value = typeof variable === 'object' && variable !== null && 'value' in variable && variable.value;
    return typeof value === 'string' ? value : undefined;
  } catch (error) {
    if (error instanceof StepError && error.code === '404') return undefined;
    throw error;
  }
}

async function revealed(value: Value | undefined, context: StepContext): Promise<string> {
  if (typeof value === 'string') return value;
  const connection = connectionOf(value);
  const handle = connection === undefined ? value : connectionHandle(connection.target, connection.network);
  if (isHandle(handle)) return (await context.secrets.reveal(handle, context.signal)).reveal();
  throw new StepError('"value" is neither a text, nor a secret, nor { connection: … }', {
    code: 'usage',
    hint: 'Numbers and times are put in quotes.',
  });
}

function connectionOf(
  value: Value | undefined,
): { readonly target: ValueMap; readonly network: Network } | undefined {
  if (!isValueMap(value) || !isValueMap(value['connection'])) return undefined;
  return { target: value['connection'], network: value['network'] === 'external' ? 'external' : 'internal' };
}

function byHand(args: Args, environment: Environment): string | undefined {
  const id = findRenderId(args.service);
  if (id === undefined) return undefined;
  const put: Call = { method: 'PUT', path: `/services/${id}/env-vars/${args.key}` };
  const connection = connectionOf(args.value);
  if (connection === undefined && typeof args.value === 'string') {
    return curl(environment, put, { value: args.value });
  }
  const value =
    connection === undefined && isHandle(args.value) ? shellWord(environment, args.value) : '"$VALUE"';
  const lines = [
    ...(connection === undefined ? [] : [readingOf(environment, connection)]),
    `jq -n --arg value ${value} '{value: $value}' |`,
    `  ${curl(environment, put)} -H 'Content-Type: application/json' -d @-`,
  ];
  return lines.join('\n');
}

function readingOf(
  environment: Environment,
  connection: { readonly target: ValueMap; readonly network: Network },
): string {
  const id = findRenderId(connection.target);
  if (id === undefined) return `VALUE=  # the connection string of ${nameOf(connection.target)}`;
  return `VALUE=${inShell({ $ref: 'render.postgres', id, network: connection.network }, environment)}`;
}
