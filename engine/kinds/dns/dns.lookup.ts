import { Resolver } from 'node:dns/promises';
import type { StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { quote } from '../context/quote.ts';
import type { Output, With } from '../types.ts';
import { plainName } from './record.ts';

/** There is no such name, or nothing of that type: an answer, and a usual one while a record changes. */
const NOTHING = new Set(['ENOTFOUND', 'ENODATA']);
const PATIENCE = { timeout: 3000, tries: 2 };

/** Asks DNS where a name leads. Without a resolver those of this machine are asked, which may remember an older answer. */
export const dnsLookup: StepKind<With['dns.lookup'], Output['dns.lookup']> = {
  name: 'dns.lookup',
  effect: () => 'read',
  describe: (args) => `Ask ${args.resolver ?? 'the resolvers of this machine'} where ${args.name} leads`,
  byHand: (args) =>
    `dig +short ${args.resolver === undefined ? '' : `@${args.resolver} `}${quote(args.name)}`,
  targets: () => [],
  async run(args, context) {
    const resolver = new Resolver(PATIENCE);
    const stop = (): void => resolver.cancel();
    context.signal.addEventListener('abort', stop, { once: true });
    try {
      if (args.resolver !== undefined) use(resolver, args.resolver);
      const [cnames, v4, v6] = await Promise.all([
        answers(resolver.resolveCname(args.name)),
        answers(resolver.resolve4(args.name)),
        answers(resolver.resolve6(args.name)),
      ]);
      return { cnames: cnames.map(plainName), addresses: [...v4, ...v6].sort() };
    } catch (cause) {
      context.signal.throwIfAborted();
      throw cause instanceof StepError ? cause : unanswered(args.name, cause);
    } finally {
      context.signal.removeEventListener('abort', stop);
    }
  },
};

function use(resolver: Resolver, address: string): void {
  try {
    resolver.setServers([address]);
  } catch {
    throw new StepError(`"${address}" is no address of a resolver`, {
      code: 'usage',
      hint: 'Write 1.1.1.1, or 127.0.0.1:5353 where it has another port.',
    });
  }
}

async function answers(asked: Promise<string[]>): Promise<readonly string[]> {
  try {
    return await asked;
  } catch (error) {
    if (NOTHING.has(codeOf(error))) return [];
    throw error;
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';

const unanswered = (name: string, cause: unknown): StepError =>
  new StepError(`DNS does not answer where ${name} leads (${codeOf(cause) || String(cause)})`, {
    code: 'dns',
    hint: 'Can the resolver be reached from here?',
    retryable: true,
    cause,
  });
