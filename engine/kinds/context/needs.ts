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
 * What a step will need: the programs that its kind starts, and every secret and address in its arguments
 * and in what its family reads of the environment. Marks of what is not known yet are passed over.
 */
export function needsOf(kind: StepKind, args: ValueMap, environment: Environment): readonly Need[] {
  const [family = ''] = kind.name.split('.');
  const section = SECTIONS[family];
  return [
    ...(kind.programs?.(args) ?? []).map((name): Need => ({ type: 'program', name })),
    ...(kind.goesTo === undefined
      ? needsIn(args)
      : [
          ...[...needsIn(args)].filter(({ type }) => type !== 'address'),
          ...[...needsIn(kind.goesTo(args))].filter(({ type }) => type === 'address'),
        ]),
    ...(section === undefined
      ? []
      : homesOf(args, environment).flatMap(({ data }) => [...needsIn(data[section] ?? null)])),
  ];
}

/** The environment, and those of what is read of others. */
function homesOf(args: ValueMap, environment: Environment): readonly Environment[] {
  const targets = Object.values(args).filter(isValueMap);
  return [...new Set([environment, ...targets.map((target) => homeOf(target, environment))])];
}

export function* needsIn(value: Value): Generator<Need> {
  if (typeof value === 'string') yield* addressOf(value);
  else if (isValueList(value)) for (const item of value) yield* needsIn(item);
  else if (isHandle(value)) {
    if (READ_HERE.has(value.$ref)) yield { type: 'secret', handle: value };
  } else if (isValueMap(value)) {
    const { $target, address } = value;
    const isHost = typeof $target === 'string' && $target.startsWith('hosts.');
    if (isHost && typeof address === 'string') yield { type: 'address', host: address };
    for (const member of Object.values(value)) yield* needsIn(member);
  }
}

/** Kinds of handles that are read on this machine: others are asked of a provider when they are used. */
const READ_HERE: ReadonlySet<string> = new Set(['env', 'file']);

function* addressOf(text: string): Generator<Need> {
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
        const text = (await secrets.reveal(need.handle, signal, { mayBeShown: true })).reveal();
        for (const inside of addressOf(text)) return await lookFor(inside, secrets, signal);
        return undefined;
      }
      case 'address':
        await lookup(need.host);
        return undefined;
    }
  } catch (error) {
    if (need.type === 'address') {
      const { code = 'unknown' } = error as NodeJS.ErrnoException;
      return { what: `the name ${need.host} cannot be resolved (${code})` };
    }
    const hint = error instanceof StepError ? error.hint : undefined;
    const what = error instanceof Error ? error.message : String(error);
    return { what, ...(hint !== undefined && { hint }) };
  }
}
