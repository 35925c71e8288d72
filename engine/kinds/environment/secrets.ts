import { readFile } from 'node:fs/promises';
import { readJson } from '../../base/json-text.ts';
import type { Value } from '../../base/value.ts';
import { isValueList, isValueMap } from '../../base/value.ts';
import type { Environment } from '../../model/environment.ts';
import type { Handle, SecretResolver } from '../../model/handle.ts';
import { Secret } from '../../model/handle.ts';
import { StepError } from '../../model/kind.ts';
import { text } from '../context/members.ts';
import { proxyPasswords } from '../http/proxy.ts';
import { RenderClient } from '../render/client/client.ts';
import { readLink } from '../render/client/exports.ts';
import { readConnectionStrings } from '../render/client/resources.ts';

/** Turns the handles of one provider into text. */
type Source = (handle: Handle, resolver: Resolver, signal: AbortSignal) => Promise<string>;

const SOURCES: ReadonlyMap<string, Source> = new Map([
  ['env', (handle) => Promise.resolve(fromVariable(handle))],
  ['file', fromFile],
  ['render.export', fromExport],
  ['render.postgres', fromRender],
]);

/**
 * Resolves handles anew at each use, so that a secret that was replaced meanwhile is met, and so
 * that a resumed run needs nothing but the handle. `onReveal` is told every text before
 * anyone else has it, parts of connection strings that are secret by themselves included, and the passwords of
 * this machine's proxies from the beginning.
 */
export function createSecretResolver(
  environment: () => Environment,
  onReveal: (text: string) => void,
): SecretResolver {
  for (const password of proxyPasswords()) onReveal(password);
  return new Resolver(environment, onReveal);
}

class Resolver implements SecretResolver {
  readonly environment: () => Environment;
  readonly #onReveal: (text: string) => void;

  constructor(environment: () => Environment, onReveal: (text: string) => void) {
    this.environment = environment;
    this.#onReveal = onReveal;
  }

  async reveal(handle: Handle, signal?: AbortSignal, { mayBeShown = false } = {}): Promise<Secret> {
    const source = SOURCES.get(handle.$ref);
    if (source === undefined) {
      throw new StepError(`nobody knows how to resolve a secret of the kind "${handle.$ref}"`, {
        code: 'secretUnknown',
      });
    }
    const revealed = await source(handle, this, signal ?? new AbortController().signal);
    const resolved =
      typeof handle['at'] === 'string' ? memberAt(revealed, handle['at'], nameOf(handle)) : revealed;
    if (!mayBeShown) for (const part of secretParts(resolved)) this.#onReveal(part);
    return new Secret(resolved);
  }

  conceal(secret: string): void {
    this.#onReveal(secret);
  }

  /** Who is asked for what a handle of Render's stands for: that of its `source` where it is of another environment. */
  render({ source }: Handle, signal: AbortSignal): RenderClient {
    const own = this.environment();
    const environment = (typeof source === 'string' ? own.sources?.[source] : undefined) ?? own;
    return new RenderClient({ environment, secrets: this, signal });
  }
}

function fromVariable(handle: Handle): string {
  const value = process.env[text(handle, 'name')];
  if (value !== undefined && value !== '') return value;
  throw new StepError(`${nameOf(handle)} is not set`, {
    code: 'secretMissing',
    hint: `Set it where drillbook is started: export ${text(handle, 'name')}=…`,
  });
}

async function fromFile(handle: Handle, _resolver: Resolver, signal: AbortSignal): Promise<string> {
  try {
    const content = (await readFile(text(handle, 'path'), { encoding: 'utf8', signal })).trim();
    if (content !== '') return content;
  } catch (cause) {
    signal.throwIfAborted();
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new StepError(`${nameOf(handle)} cannot be read (${why})`, { code: 'secretMissing', cause });
  }
  throw new StepError(`${nameOf(handle)} is empty`, { code: 'secretMissing' });
}

async function fromRender(handle: Handle, resolver: Resolver, signal: AbortSignal): Promise<string> {
  const client = resolver.render(handle, signal);
  const strings = await readConnectionStrings(client, text(handle, 'id'));
  return handle['network'] === 'internal' ? strings.internal : strings.external;
}

/** The signed link of an export: it may have been replaced since the last time. */
function fromExport(handle: Handle, resolver: Resolver, signal: AbortSignal): Promise<string> {
  const client = resolver.render(handle, signal);
  return readLink(client, handle);
}

/** `a/b` in a secret that is JSON. Messages quote nothing of it. */
function memberAt(text: string, path: string, name: string): string {
  let json: Value | undefined;
  try {
    json = readJson(text);
  } catch {
    throw new StepError(`${name} is not JSON, so it has no "${path}"`, { code: 'secretMalformed' });
  }
  for (const key of path.split('/')) {
    if (isValueMap(json)) json = json[key];
    else json = isValueList(json) ? json[Number(key)] : undefined;
  }
  if (typeof json === 'string' || typeof json === 'number' || typeof json === 'bigint') return String(json);
  throw new StepError(`${name} has no text at "${path}"`, { code: 'secretMalformed' });
}

/** The text, and the password inside it where it is an address: as written and as meant. */
function secretParts(text: string): readonly string[] {
  const password = URL.canParse(text) ? new URL(text).password : '';
  return [...new Set([text, password, decoded(password)])].filter((part) => part !== '');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const nameOf = (handle: Handle): string =>
  handle.$ref === 'file'
    ? `the file ${text(handle, 'path')}`
    : `the environment variable ${text(handle, 'name')}`;
