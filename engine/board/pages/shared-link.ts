import { markup } from '../../report/page/html.ts';
import type { Viewer } from './layout.ts';
import { layout } from './layout.ts';

/** A new link for those who only watch: it is shown once. */
export const sharedLinkPage = (run: string, address: string, viewer: Viewer): string =>
  layout(
    'A link to watch',
    markup`<h1>A link to watch</h1>
<p>Whoever opens it watches this run, and answers nothing. It works for twelve hours, and as long as this board runs.</p>
<p><label>The link<br><input class="wide" readonly value="${address}"></label></p>
<p><a href="/runs/${run}">Back to the run</a></p>`,
    viewer,
  );
