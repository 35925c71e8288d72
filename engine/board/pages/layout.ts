import type { Html } from '../../report/page/html.ts';
import { markup, trusted } from '../../report/page/html.ts';

/** Of whoever looks at a page. */
export interface Viewer {
  readonly role: 'operator' | 'watcher';
  /** As whom an operator answers. */
  readonly person: string;
  /** Goes into each form. */
  readonly form: string;
}

// No part of the template: the bundler would take that apart for the sake of this end, and want a helper for it.
const SCRIPT = trusted('<script src="/board.js" defer></script>');

/** A page of the board: style and script are files of its own, and nothing stands in it that its policy would forbid. */
export const layout = (title: string, body: Html, viewer?: Viewer): string =>
  markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/board.css">
${SCRIPT}
<title>${title}</title>
</head>
<body>
<a class="skip" href="#main">To the content</a>
${viewer === undefined ? undefined : head(viewer)}<main id="main">${body}</main>
</body>
</html>`.text;

const head = (viewer: Viewer): Html =>
  viewer.role === 'watcher'
    ? markup`<header class="top"><span>drillbook</span> <span>You watch, and nothing here is to be answered.</span></header>\n`
    : markup`<header class="top"><a href="/">All runs</a> <span>You are ${viewer.person}.</span>
<form method="post" action="/logout">${formField(viewer)}<button>Log out</button></form></header>\n`;

/** That the form was given to this session. */
export const formField = ({ form }: Viewer): Html =>
  markup`<input type="hidden" name="form" value="${form}">`;
