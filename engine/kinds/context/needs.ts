import { lookup } from 'node:dns/promises';
import { findProgram, howToInstall } from '../../base/programs.ts';
import type { Value, ValueMap } from '../../base/value.ts';
import { isValueList, isValueMap } from '../../base/value.ts';
import type { Environment } from '../../model/environment.ts';
import { homeOf } from '../../model/environment.ts';
import { isHandle } from '../../model/handle.ts';
import type { SecretResolver } from '../../model/handle.ts';
import type { Lack, Need } from '../../model/need.ts';
import type { StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';

/** Sections of the environment that every kind of a family reads. */
const SECTIONS: Readonly<Record<string, string>> = {
  render: 'render',
  s3: 'aws',
  cloudflare: 'dns',
  route53: 'dns',
};

/**
 * What a step will need: the programs that its kind starts, every secret in its arguments, the addresses that it goes
 * to, and both in what its family reads of the environment. Marks of what is not known yet are passed over.
 */
export function needsOf(kind: StepKind, args: ValueMap, environment: Environment): readonly Need[] {
  const [family = ''] = kind.name.split('.');
  const section = SECTIONS[family];
  return [
    ...(kind.programs?.(args) ?? []).map((name): Need => ({ type: 'program', name })),
    ...secretsIn(args),
    ...addressesIn(placesOf(kind, args)),
    ...(section === undefined
      ? []
      : homesOf(args, environment).flatMap(({ data }) => {
          const settings = data[section] ?? null;
          return [...secretsIn(settings), ...addressesIn(settings)];
        })),
  ];
}

/** Where it goes. A service is asked of its provider, and so is what a step says is. */
const placesOf = (kind: StepKind, args: ValueMap): Value =>
  kind.goesTo?.(args) ??
  kind
    .targets(args)
    .filter(({ group, by }) => group !== 'services' && by !== 'provider')
    .map(({ target }) => target);

/** The environment, and those of what is read of others. */
function homesOf(args: ValueMap, environment: Environment): readonly Environment[] {
  const targets = Object.values(args).filter(isValueMap);
  return [...new Set([environment, ...targets.map((target) => homeOf(target, environment))])];
}

function* secretsIn(value: Value): Generator<Need> {
  for (const leaf of leavesOf(value)) {
    if (isHandle(leaf) && READ_HERE.has(leaf.$ref)) yield { type: 'secret', handle: leaf };
  }
}

function* addressesIn(value: Value): Generator<Need> {
  for (const leaf of leavesOf(value)) {
    if (typeof leaf === 'string') yield* addressOf(leaf);
    else if (isHandle(leaf) && READ_HERE.has(leaf.$ref)) yield { type: 'addressIn', handle: leaf };
    else if (isValueMap(leaf)) yield* addressOfHost(leaf);
  }
}

/** All that stands in a value: texts, handles, and the maps around them. */
function* leavesOf(value: Value): Generator<Value> {
  if (isValueList(value)) for (const item of value) yield* leavesOf(item);
  else {
    yield value;
    if (!isHandle(value) && isValueMap(value))
      for (const member of Object.values(value)) yield* leavesOf(member);
  }
}

/** Kinds of handles that are read on this machine: others are asked of a provider when they are used. */
const READ_HERE: ReadonlySet<string> = new Set(['env', 'file']);

function* addressOfHost({ $target, address }: ValueMap): Generator<Need> {
  const isHost = typeof $target === 'string' && $target.startsWith('hosts.');
  if (isHost && typeof address === 'string') yield { type: 'address', host: address };
}

function* addressOf(text: string): Generator<Need & { readonly type: 'address' }> {
  if (!/^[a-z][a-z0-9+.-]*:\/\/[^\s‹]+$/.test(text) || !URL.canParse(text)) return;
  const host = new URL(text).hostname.replaceAll(/^\[|\]$/g, '');
  if (host !== '' && !host.includes('%')) yield { type: 'address', host };
}

/** Looks for it without changing anything; undefined when it is there. */
export async function lookFor(
  need: Need,
  secrets: SecretResolver,
  signal: AbortSignal,
): Promise<Lack | undefined> {
  try {
    switch (need.type) {
      case 'program': {
        if ((await findProgram(need.name)) !== undefined) return undefined;
        return { what: `${need.name} is not installed`, hint: `Install it: ${howToInstall(need.name)}.` };
      }
      case 'secret': {
        // Nothing of it is told here: whoever uses it knows whether it may be shown.
        await secrets.reveal(need.handle, signal, { mayBeShown: true });
        return undefined;
      }
      case 'addressIn': {
        const text = (await secrets.reveal(need.handle, signal, { mayBeShown: true })).reveal();
        for (const { host } of addressOf(text)) return await resolved(host);
        return undefined;
      }
      case 'address':
        return await resolved(need.host);
    }
  } catch (error) {
    // A secret that is not there is a lack of its own.
    if (need.type === 'addressIn') return undefined;
    const hint = error instanceof StepError ? error.hint : undefined;
    const what = error instanceof Error ? error.message : String(error);
    return { what, ...(hint !== undefined && { hint }) };
  }
}

async function resolved(host: string): Promise<Lack | undefined> {
  try {
    await lookup(host);
    return undefined;
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    return { what: `the name ${host} cannot be resolved (${code})` };
  }
}
