import { markup, trusted } from './html.ts';
import type { Html } from './html.ts';
import { STYLE } from './style.ts';
import { THEME } from './theme.ts';

/** A page that needs nothing else: no script, no font, nothing is fetched. It can be mailed, kept and printed. */
export const page = (title: string, body: Html): string =>
  markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<link rel="icon" href="data:," />
<title>${title}</title>
<style>${trusted(THEME + STYLE)}</style>
</head>
<body>
<a class="skip" href="#main">To the content</a>
<main id="main">${body}</main>
</body>
</html> `.text;
