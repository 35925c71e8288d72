import { isJsonArray, isJsonObject } from '../../base/json.ts';
import type { Value } from '../../base/value.ts';
import { isValueMap } from '../../base/value.ts';
import type { StepContext, StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { poll } from '../context/poll.ts';
import type { AllowedRange } from './client/allow-list.ts';
import { cidr, isSameList, rangesIn, readAllowList } from './client/allow-list.ts';
import { curl } from './client/by-hand.ts';
import { renderClient } from './client/client.ts';
import type { Call } from './client/errors.ts';
import { findRenderId, nameOf, renderIdOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';

type Args = With['render.allow-ip'];
type Result = Output['render.allow-ip'];

const call = (id: string): Call => ({ method: 'PATCH', path: `/postgres/${encodeURIComponent(id)}` });

/**
 * Changes from where a database can be reached. Render takes the list only as a whole, so it is read, changed and
 * put back; what others added meanwhile is kept as far as it was there when it was read.
 */
export const renderAllowIp: StepKind<Args, Result> = {
  name: 'render.allow-ip',
  outputs: ['added', 'previous'],
  effect: () => 'write',
  describe(args) {
    const database = nameOf(args.database);
    if (args.exactly !== undefined) {
      return `Let only ${args.exactly.map(shownRange).join(', ') || 'the private network'} reach ${database}`;
    }
    const add = (args.add ?? []).join(', ');
    const remove = (args.remove ?? []).join(', ');
    const changes = [add === '' ? '' : `add ${add}`, remove === '' ? '' : `remove ${remove}`];
    const said = changes.filter((text) => text !== '').join(', ');
    return said === ''
      ? `Leave it as it is from where ${database} can be reached`
      : `Change from where ${database} can be reached: ${said}`;
  },
  byHand(args, environment) {
    const id = findRenderId(args.database);
    if (id === undefined) return undefined;
    const whole = { ipAllowList: [...(wantedExactly(args) ?? []), ...added(args, 'by hand')].map(toJson) };
    const comment =
      args.exactly === undefined ? '# with the ranges that are there already beside the new ones:\n' : '';
    return `${comment}${curl(environment, call(id), whole)}`;
  },
  targets: (args) => [targetUse('databases', args.database, 'write', 'provider')],

  async run(args, context) {
    check(args);
    const client = renderClient(context);
    const id = renderIdOf(args.database);
    const before = await readAllowList(client, id);
    const wanted = wantedFrom(args, before, context);
    const previous = previousOf(context) ?? before;
    if (isSameList(before, wanted)) return output(before, previous);
    await context.saveCheckpoint({ previous: previous.map(toJson) });
    await client.call(call(id), { body: { ipAllowList: wanted.map(toJson) } });
    const after = await poll(context, {
      reason: `Render changes from where ${nameOf(args.database)} can be reached`,
      read: () => readAllowList(client, id),
      done: (now) => isSameList(now, wanted),
    });
    return output(after, previous);
  },

  async reconcile(args, context) {
    const now = await readAllowList(renderClient(context), renderIdOf(args.database));
    if (!isSameList(now, wantedFrom(args, now, context))) return { verdict: 'notHappened' };
    return { verdict: 'happened', output: output(now, previousOf(context) ?? now) };
  },
};

const toJson = ({ cidrBlock, description }: AllowedRange): { cidrBlock: string; description: string } => ({
  cidrBlock,
  description,
});

function check(args: Args): void {
  const changes = args.add !== undefined || args.remove !== undefined;
  if (changes !== (args.exactly !== undefined)) return;
  throw new StepError('give either "exactly", or "add" and "remove"', { code: 'usage' });
}

function wantedFrom(args: Args, now: readonly AllowedRange[], context: StepContext): readonly AllowedRange[] {
  const exactly = wantedExactly(args);
  if (exactly !== undefined) return exactly;
  const gone = new Set((args.remove ?? []).map(cidr));
  const kept = now.filter(({ cidrBlock }) => !gone.has(cidrBlock));
  const known = new Set(kept.map(({ cidrBlock }) => cidrBlock));
  return [...kept, ...added(args, context.run.id).filter(({ cidrBlock }) => !known.has(cidrBlock))];
}

const added = (args: Args, run: string): readonly AllowedRange[] => {
  const description = args.description ?? `drillbook ${run}`;
  return [...new Set((args.add ?? []).map(cidr))].map((cidrBlock) => ({ cidrBlock, description }));
};

function wantedExactly(args: Args): readonly AllowedRange[] | undefined {
  if (args.exactly === undefined) return undefined;
  return args.exactly.map(({ cidrBlock, description }) => ({
    cidrBlock: cidr(cidrBlock ?? ''),
    description: description ?? '',
  }));
}

const shownRange = (range: Value): string =>
  isValueMap(range) && typeof range['cidrBlock'] === 'string' ? range['cidrBlock'] : '(not known yet)';

/** As it was before the first life of this step. */
function previousOf({ checkpoint }: StepContext): readonly AllowedRange[] | undefined {
  const previous = isJsonObject(checkpoint) ? checkpoint['previous'] : undefined;
  return previous !== undefined && isJsonArray(previous) ? rangesIn(previous) : undefined;
}

function output(now: readonly AllowedRange[], previous: readonly AllowedRange[]): Result {
  const missing = (from: readonly AllowedRange[], to: readonly AllowedRange[]): string[] =>
    from
      .map(({ cidrBlock }) => cidrBlock)
      .filter((block) => !to.some(({ cidrBlock }) => cidrBlock === block));
  return {
    list: now.map(toJson),
    previous: previous.map(toJson),
    added: missing(now, previous),
    removed: missing(previous, now),
    changed: !isSameList(now, previous),
  };
}
