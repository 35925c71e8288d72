import { markup } from '../../report/page/html.ts';
import { layout } from './layout.ts';

/** Before a link is used: a program that only looks at links does not use it up. */
export const entryPage = (link: string): string =>
  layout(
    'Come in',
    markup`<h1>The board of drillbook</h1>
<form method="post" action="/enter">
<input type="hidden" name="link" value="${link}">
<p><button class="primary">Come in</button></p>
</form>`,
  );

/** What went wrong, and what to do. */
export const messagePage = (title: string, text: string, run?: string): string =>
  layout(
    title,
    markup`<h1>${title}</h1>\n<p>${text}</p>\n<p>${run === undefined ? markup`<a href="/">To the runs</a>` : markup`<a href="${run}">Back to the run</a>`}</p>`,
  );
