import { rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { basename, dirname, join } from 'node:path';
import { isJsonObject } from '../../base/json.ts';
import { decodeValue, encodeValue, isValueMap } from '../../base/value.ts';
import { isHandle } from '../../model/handle.ts';
import type { StepContext, StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { fileError } from '../machine/errors.ts';
import { stream } from '../http/transport.ts';
import { manifestOf, writeManifest } from '../machine/checksum.ts';
import type { WritePlace } from '../machine/place.ts';
import {
  claim,
  elsewhere,
  exists,
  makeFolder,
  mustBeFree,
  partialBeside,
  putInPlace,
} from '../machine/place.ts';
import { placeInRun } from '../machine/run-files.ts';
import type { Unpacked } from './client/archive.ts';
import { unpack } from './client/archive.ts';
import type { Output, With } from '../types.ts';

type Args = With['render.download-export'];
type Result = Output['render.download-export'];

/** Without a byte: then the connection is given up. */
const SILENCE_MS = 60_000;
const REDIRECTS = 5;

/**
 * Downloads an export of Render's and unpacks it as it comes, ready for `postgres.restore`. The folder has its
 * name only once everything is there.
 */
export const renderDownloadExport: StepKind<Args, Result> = {
  name: 'render.download-export',
  outputs: ['path'],
  // What it changes is a folder of its own.
  effect: () => 'read',
  writesElsewhere: (args, folder) => elsewhere(args.to, folder),
  describe(args) {
    const id = args.export['id'];
    const where = args.to ?? "the run's folder";
    return `Download the export ${typeof id === 'string' ? id : '(not known yet)'} to ${where}`;
  },
  byHand: (args) =>
    `mkdir -p ${args.to ?? 'export'} && curl -fsSL "$LINK" | tar -xz --strip-components=1 -C ${args.to ?? 'export'}`,
  targets: () => [],
  async run(args, context) {
    const place = await claim(placeInRun(context, args.to, '.export'), args, context);
    const folder = place.path;
    const before = await finishedBefore(place, context);
    if (before !== undefined) return before;
    const partial = partialBeside(place, context);
    await makeFolder(dirname(folder));
    await rm(partial, { recursive: true, force: true });
    try {
      await makeFolder(partial);
      const unpacked = await download(args, context, partial);
      const sizes = await sealed(partial, unpacked.dumps, context.signal);
      const output = outputOf(folder, unpacked, sizes);
      await context.saveCheckpoint({ folder, output: encodeValue(output) });
      await putInPlace(partial, place);
      return output;
    } catch (error) {
      await rm(partial, { recursive: true, force: true });
      throw fileError(error, folder, { doing: 'write' }) ?? error;
    }
  },
};

/** What an earlier life of this step had finished but for telling so. Throws when something else has the name. */
async function finishedBefore(place: WritePlace, context: StepContext): Promise<Result | undefined> {
  const folder = place.path;
  if (!(await exists(folder))) return undefined;
  const { checkpoint } = context;
  if (isJsonObject(checkpoint) && checkpoint['folder'] === folder) {
    const output = decodeValue(checkpoint['output'] ?? null);
    if (isValueMap(output)) return output as Result;
  }
  await mustBeFree(place);
  return undefined;
}

async function download(args: Args, context: StepContext, to: string): Promise<Unpacked> {
  const link = args.export['link'];
  if (!isHandle(link)) {
    throw new StepError('"export" is not an export with a link', {
      code: 'usage',
      hint: 'Give what render.export-postgres gave, or one of those that render.backups lists.',
    });
  }
  let url = new URL((await context.secrets.reveal(link, context.signal)).reveal());
  for (let redirects = 0; redirects <= REDIRECTS; redirects++) {
    const request = {
      url,
      method: 'GET',
      headers: {},
      timeoutMs: SILENCE_MS,
      signal: context.signal,
    };
    const found = await stream(request, (response) => receive(response, context, to));
    if (!('location' in found)) return found;
    url = new URL(found.location, url);
  }
  throw new StepError(`the link leads through more than ${String(REDIRECTS)} redirects`, {
    code: 'redirects',
  });
}

async function receive(
  response: IncomingMessage,
  context: StepContext,
  to: string,
): Promise<Unpacked | { readonly location: string }> {
  const status = response.statusCode ?? 0;
  const { location } = response.headers;
  if (status >= 300 && status < 400 && location !== undefined) {
    response.resume();
    return { location };
  }
  if (status !== 200) {
    response.resume();
    throw new StepError(`the link of the export was answered with ${String(status)}`, {
      code: String(status),
      retryable: status >= 500 || status === 429,
      hint:
        status >= 500 || status === 429
          ? 'Try again: the link is asked of Render anew.'
          : 'It may have expired: try again, and the link is asked of Render anew.',
    });
  }
  const length = Number(response.headers['content-length'] ?? Number.NaN);
  const total = Number.isSafeInteger(length) ? length : undefined;
  return unpack(response, to, {
    signal: context.signal,
    total,
    onBytes: (bytes) => context.progress(bytes, total, 'bytes'),
  });
}

/** Puts a file of checksums beside each dump, which `postgres.restore` holds it against. Sizes in bytes. */
async function sealed(
  folder: string,
  dumps: readonly string[],
  signal: AbortSignal,
): Promise<readonly number[]> {
  const sizes: number[] = [];
  for (const name of dumps) {
    const manifest = await manifestOf(join(folder, name), signal);
    await writeManifest(join(folder, name), manifest);
    sizes.push(manifest.bytes);
  }
  return sizes;
}

function outputOf(folder: string, unpacked: Unpacked, sizes: readonly number[]): Result {
  const [only, ...more] = unpacked.dumps;
  return {
    path: only === undefined || more.length > 0 ? null : join(folder, only),
    folder,
    databases: unpacked.dumps.map((name, index) => ({
      name: basename(name),
      path: join(folder, name),
      bytes: sizes[index] ?? 0,
    })),
    downloaded: unpacked.bytes,
    sha256: unpacked.sha256,
  };
}
