import { BlockList, isIP } from 'node:net';
import { StepError } from '../../model/kind.ts';

/** A program of the network that requests go through. */
export interface Proxy {
  readonly url: URL;
  /** The variable that names it. */
  readonly variable: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/**
 * The proxy that this machine's variables name for an address, as curl reads them: `https_proxy` or `http_proxy`, else
 * `all_proxy`, in small letters or large, but for what `no_proxy` lists. Unlike curl, what is on this machine itself is
 * never asked through a proxy, as Go's programs have it: no proxy could reach it.
 */
export function proxyFor(target: URL, variables: Variables = process.env): Proxy | undefined {
  const scheme = target.protocol.slice(0, -1);
  const found = firstOf([`${scheme}_proxy`, 'all_proxy'], variables);
  if (found === undefined || isLoopback(target) || isExempt(target, variables)) return undefined;
  return { variable: found.name, url: addressOf(found) };
}

/** How a proxy is told to people: without its user and password. */
export const shownProxy = ({ url, variable }: Proxy): string =>
  `the proxy ${url.protocol}//${url.host} (${variable})`;

/** Whether any proxy is named. */
export const hasProxy = (variables: Variables = process.env): boolean =>
  firstOf(['https_proxy', 'http_proxy', 'all_proxy'], variables) !== undefined;

/** The passwords in the variables, as written and as meant: they are never written anywhere. */
export function proxyPasswords(variables: Variables = process.env): readonly string[] {
  return ['https_proxy', 'http_proxy', 'all_proxy']
    .flatMap((name) => [variables[name], variables[name.toUpperCase()]])
    .filter((text) => text !== undefined)
    .map(withScheme)
    .flatMap((text) => (URL.canParse(text) ? [new URL(text).password] : []))
    .flatMap((password) => [password, decoded(password)])
    .filter((password) => password !== '');
}

/** Its user and password, as the header wants them; undefined where it has none. */
export function proxyAuthorization({ url }: Proxy): string | undefined {
  if (url.username === '' && url.password === '') return undefined;
  const plain = `${decoded(url.username)}:${decoded(url.password)}`;
  return `Basic ${Buffer.from(plain).toString('base64')}`;
}

interface Setting {
  readonly name: string;
  readonly value: string;
}

function firstOf(names: readonly string[], variables: Variables): Setting | undefined {
  for (const name of names.flatMap((small) => [small, small.toUpperCase()])) {
    const value = variables[name]?.trim() ?? '';
    if (value !== '') return { name, value };
  }
  return undefined;
}

/** `proxy:3128` is an http proxy, as for curl. */
const withScheme = (text: string): string => (text.includes('://') ? text : `http://${text}`);

function addressOf({ name, value }: Setting): URL {
  const text = withScheme(value);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.hostname !== '') return url;
  // What it says is not quoted: there may be a password in it.
  const what =
    url === undefined || url.hostname === ''
      ? 'is no address'
      : `names a proxy of the kind ${url.protocol.slice(0, -1)}`;
  throw new StepError(`${name} ${what}: nothing was sent`, {
    code: 'notConfigured',
    hint: `Write it as http://host:port or https://host:port, or unset ${name}.`,
  });
}

const bare = (hostname: string): string =>
  hostname
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase();

function isLoopback({ hostname }: URL): boolean {
  const host = bare(hostname);
  if (isIP(host) === 0) return host === 'localhost' || host.endsWith('.localhost');
  return contains('127.0.0.0/8', host) || host === '::1';
}

/** Names with all below them, addresses, blocks of addresses, each with a port or without; `*` is everything. */
function isExempt(target: URL, variables: Variables): boolean {
  const list = firstOf(['no_proxy'], variables)?.value ?? '';
  const host = bare(target.hostname);
  const port = target.port === '' ? DEFAULT_PORTS[target.protocol] : target.port;
  return list
    .split(/[,\s]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      const [, name = entry, itsPort] = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(entry) ?? [];
      return (itsPort === undefined || itsPort === port) && covers(bare(name), host);
    });
}

function covers(entry: string, host: string): boolean {
  if (entry === '*' || entry === host) return true;
  if (isIP(host) !== 0) return contains(entry, host);
  const domain = entry.replace(/^\*?\./, '');
  return host === domain || host.endsWith(`.${domain}`);
}

/** Whether a block (`10.0.0.0/8`) holds an address. */
function contains(block: string, address: string): boolean {
  const [net = '', prefix = ''] = block.split('/');
  const family = isIP(net) === 4 ? 'ipv4' : 'ipv6';
  const bits = Number(prefix);
  if (
    isIP(net) === 0 ||
    isIP(net) !== isIP(address) ||
    prefix === '' ||
    !(bits <= (family === 'ipv4' ? 32 : 128))
  )
    return false;
  const list = new BlockList();
  list.addSubnet(net, bits, family);
  return list.check(address, family);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
