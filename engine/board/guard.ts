import type { Context, MiddlewareHandler } from 'hono';
import { getCookie } from 'hono/cookie';
import { secureHeaders } from 'hono/secure-headers';
import type { Clock } from '../base/clock.ts';
import type { Access, Session } from './access.ts';
import { Limit } from './limit.ts';
import { messagePage } from './pages/entry.ts';

/** What a request carries once it has passed. */
export interface Passed {
  readonly Variables: { session: Session };
}

/** By its port too: of all boards of this machine a browser sees one host. */
export const cookieName = (context: Context): string => `drillbook_${new URL(context.req.url).port}`;

/** What a page of the board may do: be shown, with style and script of the board itself. */
export const headers: MiddlewareHandler = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", 'data:'],
    connectSrc: ["'self'"],
    formAction: ["'self'"],
    baseUri: ["'none'"],
    frameAncestors: ["'none'"],
  },
  // With none at all a form of the board would have no origin.
  referrerPolicy: 'same-origin',
  xFrameOptions: 'DENY',
  strictTransportSecurity: false,
});

/** Names under which the board is reached: a page of the network that gives its own name this address is none. */
const OWN_NAMES: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** Everybody may have these. */
const OPEN = /^\/(?:board\.css|board\.js|enter(?:\/[^/]*)?)$/;

/** A minute's worth: of one session, of all who have none, and of tries to come in. */
const MOST = { session: 600, strangers: 300, entries: 20 } as const;

/** Lets nothing through that is not meant for this board, or whose sender has not come in. */
export function guard(access: Access, clock: Clock): MiddlewareHandler<Passed> {
  const limits = {
    session: new Limit(clock, MOST.session),
    strangers: new Limit(clock, MOST.strangers),
    entries: new Limit(clock, MOST.entries),
  };
  return async (context, next) => {
    const { method, path } = context.req;
    const url = new URL(context.req.url);
    context.header('Cache-Control', 'no-store');
    if (!OWN_NAMES.has(url.hostname)) return refuse(context, 403, 'This is not the address of the board.');
    const isWrite = method !== 'GET' && method !== 'HEAD';
    if (isWrite && context.req.header('origin') !== url.origin)
      return refuse(context, 403, 'That was not sent by a page of the board.');
    const secret = getCookie(context, cookieName(context));
    const session = access.session(secret);
    const isEntry = path === '/enter' && isWrite;
    const isTooMany =
      session === undefined ? limits.strangers.isOver('') : limits.session.isOver(session.form);
    if (isTooMany || (isEntry && limits.entries.isOver('')))
      return refuse(context, 429, 'That is too often: wait a minute.');
    if (OPEN.test(path)) return next();
    if (session === undefined)
      return refuse(context, 401, 'Open the link that drillbook board printed where it was started.');
    const { right } = session;
    if (right.role === 'watcher' && !isWatching(method, path, right.run))
      return refuse(context, 403, 'This link is for watching one run.');
    context.set('session', session);
    return next();
  };
}

/** All that somebody sees who only watches. */
const isWatching = (method: string, path: string, run: string): boolean =>
  (method === 'GET' || method === 'HEAD') && (path === `/runs/${run}` || path === `/runs/${run}/events`);

export type Refusal = keyof typeof TITLES;

const TITLES = {
  400: 'That cannot be read',
  401: 'Come in first',
  403: 'Not allowed',
  404: 'There is no such page',
  409: 'It is asked no more',
  422: 'That cannot be taken',
  429: 'Too often',
  503: 'Too many',
} as const;

/** An answer that says no, and why; `back` leads to what it was about, where whoever asked may know of it. */
export const refuse = (context: Context, status: Refusal, why: string, back?: string): Response =>
  context.html(messagePage(TITLES[status], why, back), status);
