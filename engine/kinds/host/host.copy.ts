import { randomBytes } from 'node:crypto';
import { basename, dirname } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Target } from '../../model/environment.ts';
import type { StepContext, StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { nameOf, targetUse } from '../context/target.ts';
import { claim, elsewhere, fromFolder, leavesRun, makeFolder, placeOf } from '../machine/place.ts';
import { quote } from '../context/quote.ts';
import { scpOptions } from '../shell/client/by-hand.ts';
import { routeTo } from '../shell/client/host.ts';
import type { Output, With } from '../types.ts';
import type { End } from './end.ts';
import { ask, failed, nameOfEnd, openPipe } from './end.ts';
import type { Beside } from './lines.ts';
import { discard, lookAt, place, receive, roomFor, send } from './lines.ts';

type Args = With['host.copy'];
type Result = Output['host.copy'];

/**
 * Copies a file or a folder to a host, from one, or from one to another, as an archive over ssh: received beside its
 * place, held against the checksums of what was sent, and only then given its name.
 */
export const hostCopy: StepKind<Args, Result> = {
  name: 'host.copy',
  outputs: ['path', 'sha256'],
  effect(args) {
    if (args.toHost === undefined && !leavesRun(args.to)) return 'read';
    return args.overwrite === true ? 'destructive' : 'write';
  },
  writesElsewhere: (args, folder) => (args.toHost === undefined ? elsewhere(args.to, folder) : undefined),
  describe: (args) => `Copy ${shown(args.from, args.fromHost)} to ${shown(args.to, args.toHost)}`,
  byHand({ from, fromHost, to, toHost }, environment, folder) {
    const host = fromHost ?? toHost;
    const options = host === undefined ? [] : scpOptions(host, environment);
    const ends = [byHandEnd(from, fromHost, folder), byHandEnd(to, toHost, folder)];
    return ['scp -rp', ...options, ...ends].join(' ');
  },
  targets: ({ fromHost, toHost, overwrite }) => [
    ...(fromHost === undefined ? [] : [targetUse('hosts', fromHost, 'read')]),
    ...(toHost === undefined
      ? []
      : [targetUse('hosts', toHost, overwrite === true ? 'destructive' : 'write')]),
  ],
  programs: () => ['ssh', 'bash'],

  async run(args, context) {
    const { from, to } = await endsOf(args, context);
    const source = await look(from, context);
    if (source.kind === 'missing') throw absent(from);
    const there = await look(to, context);
    const same = there.kind === source.kind && there.sha256 === source.sha256;
    if (same) return outputOf(to.path, source, true);
    if (there.kind !== 'missing' && !to.mayReplace) throw taken(to);
    if (there.kind !== 'missing' && there.kind !== source.kind) throw otherSort(to, source, there);
    await checkRoom(source, to, context);
    await transfer(from, to, source, context);
    return outputOf(to.path, source, false);
  },

  async reconcile(args, context) {
    const { from, to } = await endsOf(args, context);
    const source = await look(from, context);
    const there = await look(to, context);
    // It gets its name in one move, when it is whole.
    if (there.kind !== source.kind || there.sha256 !== source.sha256) return { verdict: 'notHappened' };
    return { verdict: 'happened', output: outputOf(to.path, source, false) };
  },
};

const withoutSlash = (path: string): string => path.replace(/(?<=.)\/+$/, '');

interface At {
  readonly end: End;
  readonly path: string;
}

interface Found {
  readonly kind: 'missing' | 'file' | 'folder';
  readonly files: number;
  readonly bytes: number;
  readonly sha256: string;
  /** Where it really lies, links followed. */
  readonly real: string;
}

async function endsOf(args: Args, context: StepContext) {
  const { fromHost, toHost, sudo, overwrite } = args;
  const [from, to] = [withoutSlash(args.from), withoutSlash(args.to)];
  if (fromHost === undefined && toHost === undefined) {
    throw new StepError('neither "fromHost" nor "toHost" is given: this would be a copy on this machine', {
      code: 'usage',
      hint: 'Name the host, or copy with a "shell" step.',
    });
  }
  for (const path of [from, to]) {
    // Where it has no name of its own, no place beside it can be told; a shell's short forms are none here.
    if (/^[-~]|^\/*$|(?:^|\/)\.\.?\/*$/.test(path)) {
      throw new StepError(`"${path}" names no file or folder of its own`, { code: 'usage' });
    }
  }
  const as = sudo === true ? '' : sudo === false ? undefined : sudo;
  const endOf = (host: Target | undefined): End =>
    host === undefined ? 'here' : { route: routeTo(host, context.environment), sudo: as };
  const source: At = { end: endOf(fromHost), path: fromHost === undefined ? placeOf(from, context) : from };
  if (toHost !== undefined) {
    return { from: source, to: { end: endOf(toHost), path: to, mayReplace: overwrite === true } };
  }
  const { path, mayReplace } = await claim(to, args, context);
  return { from: source, to: { end: endOf(undefined), path, mayReplace } };
}

/** Throws `StepError` where it cannot be looked at, or is neither file nor folder. */
async function look({ end, path }: At, context: StepContext): Promise<Found> {
  const said = await factsOf(lookAt(path), end, context);
  const kind = said.get('kind') ?? '';
  if (kind !== 'missing' && kind !== 'file' && kind !== 'folder') {
    throw new StepError(
      `${path} on ${nameOfEnd(end)} is, or holds, what is neither file nor folder: ${said.get('name') ?? path}`,
      { code: 'notAFile', hint: 'Sockets, pipes and devices cannot be copied. Leave them out.' },
    );
  }
  return {
    kind,
    files: Number(said.get('files') ?? 0),
    bytes: Number(said.get('bytes') ?? 0),
    sha256: said.get('sha256') ?? '',
    real: said.get('real') ?? path,
  };
}

/** The lines `key value` that something says there. */
async function factsOf(lines: string, end: End, context: StepContext): Promise<ReadonlyMap<string, string>> {
  const finished = await ask(lines, end, context);
  if (finished.exitCode !== 0) throw failed(finished, end);
  const pairs = finished.stdout.split('\n').map((line) => /^(\w+) +(.*)$/.exec(line.trim()));
  return new Map(pairs.flatMap((pair) => (pair === null ? [] : [[pair[1] ?? '', pair[2] ?? ''] as const])));
}

async function checkRoom(source: Found, to: At, context: StepContext): Promise<void> {
  if (to.end === 'here') await makeFolder(dirname(to.path));
  const said = await factsOf(roomFor(to.path), to.end, context);
  if (said.has('folder')) {
    throw new StepError(`on ${nameOfEnd(to.end)} there is no folder ${dirname(to.path)}`, {
      code: 'noSuchFile',
    });
  }
  const room = Number(said.get('room') ?? Infinity) * 1024;
  if (room >= source.bytes) return;
  throw new StepError(
    `${String(source.bytes)} bytes have no room at ${to.path} on ${nameOfEnd(to.end)}, where ${String(room)} are free`,
    { code: 'diskFull', hint: 'Free space or enlarge the disk, then try again.' },
  );
}

async function transfer(
  from: At,
  to: At & { readonly mayReplace: boolean },
  source: Found,
  context: StepContext,
): Promise<void> {
  // A name that only this step of this run gives: a later life of it finds what an earlier one left, and nobody else's.
  const shared = `${dirname(to.path)}/.${context.resourceName()}.`;
  const beside = { shared, path: shared + randomBytes(6).toString('hex') };
  const name = basename(source.real);
  try {
    context.log(`sending ${String(source.bytes)} bytes to ${nameOfEnd(to.end)}`);
    await pipe(from, source, { ...to, beside }, context);
    const arrived = await look({ end: to.end, path: `${beside.path}/${name}` }, context);
    if (arrived.sha256 !== source.sha256) throw damaged(from, to);
    const { stdout } = await settle(place(beside, name, to.path, to.mayReplace), to.end, context);
    if (stdout.trim() === 'taken') throw taken(to);
  } catch (error) {
    const late = { ...context, signal: AbortSignal.timeout(10_000) };
    await ask(discard(beside), to.end, late).catch(() => undefined);
    throw error;
  }
}

/** The one thing that changes what others see: from here on it is not known whether it happened. */
async function settle(lines: string, end: End, context: StepContext) {
  const finished = await ask(lines, end, context);
  if (finished.exitCode === 0) return finished;
  const { message, code, hint, details } = failed(finished, end);
  throw new StepError(message, { code, details, changed: 'maybe', ...(hint !== undefined && { hint }) });
}

async function pipe(
  from: At,
  source: Found,
  to: At & { readonly beside: Beside },
  context: StepContext,
): Promise<void> {
  const reader = await openPipe(send(source.real), from.end, context);
  const writer = await openPipe(receive(to.beside, to.path), to.end, context);
  reader.input.end();
  writer.output.resume();
  let done = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, pass) {
      done += chunk.length;
      context.progress(Math.min(done, source.bytes), source.bytes, 'bytes');
      pass(null, chunk);
    },
  });
  const flowing = pipeline(reader.output, counted, writer.input).catch(() => undefined);
  // The writer first: where it gives up, the reader only says that nobody listens.
  const [wrote, read] = await Promise.allSettled([writer.done, flowing.then(() => reader.done)]);
  if (wrote.status === 'rejected') throw wrote.reason;
  if (read.status === 'rejected') throw read.reason;
}

const taken = ({ end, path }: At): StepError =>
  new StepError(
    `${path} on ${nameOfEnd(end)} exists already, with another content, and is not written over`,
    {
      code: 'exists',
      hint: 'Give another path, or add "overwrite: true".',
    },
  );

const absent = ({ end, path }: At): StepError =>
  new StepError(`there is no ${path} on ${nameOfEnd(end)}`, { code: 'noSuchFile' });

const otherSort = ({ end, path }: At, source: Found, there: Found): StepError =>
  new StepError(`${path} on ${nameOfEnd(end)} is a ${there.kind}, and what is copied is a ${source.kind}`, {
    code: 'exists',
    hint: 'Give another path.',
  });

const damaged = (from: At, to: At): StepError =>
  new StepError(
    `what came to ${nameOfEnd(to.end)} is not what ${from.path} on ${nameOfEnd(from.end)} was when the copy began: the checksums differ`,
    { code: 'checksum', retryable: true, hint: 'Was it written to meanwhile? Nothing was given its name.' },
  );

const outputOf = (path: string, { kind, files, bytes, sha256 }: Found, already: boolean): Result => ({
  ...{ path, kind: kind === 'folder' ? 'folder' : 'file', files, bytes, sha256, already },
});

const shown = (path: string, host: Target | undefined): string =>
  host === undefined ? path : `${path} on ${nameOf(host)}`;

function byHandEnd(path: string, host: Target | undefined, folder: string | undefined): string {
  if (host === undefined) return quote(fromFolder(path, folder));
  const { user, address } = host;
  const account = typeof user === 'string' ? `${user}@` : '';
  return quote(`${account}${typeof address === 'string' ? address : nameOf(host)}:${path}`);
}
