import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { Access } from './access.ts';
import type { Session } from './access.ts';
import { answer } from './answer.ts';
import { BOARD_SCRIPT, BOARD_STYLE } from './assets.ts';
import type { Feed } from './feed.ts';
import { Feeds } from './feed.ts';
import type { Passed } from './guard.ts';
import { cookieName, guard, headers, refuse } from './guard.ts';
import { entryPage, messagePage } from './pages/entry.ts';
import type { Viewer } from './pages/layout.ts';
import { listPage } from './pages/list.ts';
import { questionHtml } from './pages/question.ts';
import { sharedLinkPage } from './pages/shared-link.ts';
import { wallPage } from './pages/wall.ts';
import type { BoardOptions } from './ports.ts';
import { streamRun } from './stream.ts';
import { Views } from './views.ts';

/** The board, without the socket that it listens on. */
export interface Board {
  readonly app: Hono<Passed>;
  /** The secret of a link to log in, for `/enter/SECRET`. */
  loginLink(): string;
  close(): void;
}

/** As a run is named: nothing else becomes a part of a path. */
const RUN = ':run{[A-Za-z0-9_-]{1,64}}';
const MOST_BYTES = 64 * 1024;
/** So many look at a run at the same time. */
const MOST_WATCHERS = 200;
const SESSION_SECONDS = 12 * 3600;

/** Makes the board: every page and every way to answer, behind its guard. */
export function createBoard(options: BoardOptions): Board {
  const { runs, clock } = options;
  const access = new Access(clock);
  const feeds = new Feeds(runs, clock);
  const views = new Views(clock);
  const app = new Hono<Passed>();
  app.use(headers, guard(access, clock), bodyLimit({ maxSize: MOST_BYTES }));

  const viewerOf = ({ right, form }: Session): Viewer => ({ role: right.role, person: options.person, form });
  const question = async (feed: Feed, viewer: Viewer) => {
    const asked = views.wall(feed)?.asked;
    const standing = await runs.standing(feed.events, options.person);
    return { gate: asked?.gate, html: questionHtml(feed.run, asked, viewer, standing) };
  };

  app.get('/board.css', (context) =>
    context.body(BOARD_STYLE, 200, { 'Content-Type': 'text/css; charset=utf-8' }),
  );
  app.get('/board.js', (context) =>
    context.body(BOARD_SCRIPT, 200, { 'Content-Type': 'text/javascript; charset=utf-8' }),
  );

  app.get('/enter/:link', (context) => {
    const link = context.req.param('link');
    return access.isGood(link) ? context.html(entryPage(link)) : refuse(context, 403, USED);
  });
  app.post('/enter', async (context) => {
    const { link } = await context.req.parseBody();
    const entered = typeof link === 'string' ? access.enter(link) : undefined;
    if (entered === undefined) return refuse(context, 403, USED);
    setCookie(context, cookieName(context), entered.secret, {
      ...{ httpOnly: true, sameSite: 'Strict', path: '/', maxAge: SESSION_SECONDS },
    });
    const { right } = entered;
    if (right.role === 'operator') options.onLogin?.();
    return context.redirect(right.role === 'operator' ? '/' : `/runs/${right.run}`, 303);
  });
  app.post('/logout', (context) => {
    access.leave(getCookie(context, cookieName(context)) ?? '');
    deleteCookie(context, cookieName(context), { path: '/' });
    return context.html(messagePage('You have left', 'The board prints a link where it was started.'));
  });

  app.get('/', async (context) =>
    context.html(listPage(await runs.list(), viewerOf(context.get('session')))),
  );
  app.get(`/runs/${RUN}`, (context) =>
    feeds.with(context.req.param('run'), async (feed) => {
      const wall = feed === undefined ? undefined : views.wall(feed);
      if (feed === undefined || wall === undefined) return refuse(context, 404, NO_RUN);
      const viewer = viewerOf(context.get('session'));
      const { html } = await question(feed, viewer);
      return context.html(wallPage(wall, await views.draw(), viewer, html));
    }),
  );
  app.get(`/runs/${RUN}/events`, (context) => {
    if (feeds.watchers >= MOST_WATCHERS) return refuse(context, 503, 'So many watch already.');
    const viewer = viewerOf(context.get('session'));
    const from = Number(context.req.header('last-event-id') ?? context.req.query('from') ?? 0);
    return streamRun(
      context,
      {
        ...{ run: context.req.param('run'), role: viewer.role, from: Number.isFinite(from) ? from : 0 },
        question: async (feed) => {
          const { gate, html } = await question(feed, viewer);
          return { gate, html: html.text };
        },
      },
      { feeds, views, clock },
    );
  });
  app.post(`/runs/${RUN}/answers`, (context) => answer(context, context.req.param('run'), options));
  app.post(`/runs/${RUN}/links`, async (context) => {
    const run = context.req.param('run');
    const session = context.get('session');
    if ((await context.req.parseBody())['form'] !== session.form) return refuse(context, 403, OTHER_FORM);
    const address = `${new URL(context.req.url).origin}/enter/${access.watchLink(run)}`;
    return context.html(sharedLinkPage(run, address, viewerOf(session)));
  });

  app.notFound((context) => refuse(context, 404, 'Nothing is here.'));
  app.onError((error, context) => {
    options.tell(`The board: ${error.message}`);
    return context.text('Something went wrong; the board says more where it was started.', 500);
  });
  return { app, loginLink: () => access.loginLink(), close: () => feeds.close() };
}

const USED = 'This link was used, is too old, or is none. The board prints another one where it was started.';
const NO_RUN = 'There is no such run in this store, or it cannot be read: drillbook report says why.';
const OTHER_FORM = 'That form is of another session.';
