import { markup, trusted } from './html.ts';
import type { Html } from './html.ts';
import type { Cell, Section } from '../formats/section.ts';

/** Rows from which on a table is long. */
const LONG = 300;

/** `picture`: stands in place of the text. */
export interface PageCell extends Cell {
  readonly picture?: Html;
}

export interface PageTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly PageCell[])[];
}

export const idOf = (title: string): string =>
  title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');

export function sectionHtml(
  { title, note, table }: Section,
  picture: Html | undefined,
  below: Html | undefined,
): Html {
  const id = idOf(title);
  // What is not on the screen of a long table is not laid out.
  const long = table.rows.length > LONG ? markup` class="long"` : undefined;
  return markup`<section aria-labelledby="${id}"${long}>
<h2 id="${id}">${title}</h2>
${picture}${tableHtml(table, id)}${note === undefined ? undefined : markup`\n<p class="note">${note}</p>`}${below}
</section>
`;
}

/** The names of the columns are said once, in the style: a narrow screen shows them in each row. */
export function tableHtml({ head, rows }: PageTable, id: string): Html {
  return markup`<style>@media screen and (max-width: 40rem) {${trusted(columnNames(head, id))}}</style>
<div class="table"><table id="t-${id}">
<thead><tr>${head.map((name) => (name === '' ? markup`<td></td>` : markup`<th scope="col">${name}</th>`))}</tr></thead>
<tbody>
${rows.map((cells) => markup`<tr>${cells.map(cellHtml)}</tr>\n`)}</tbody>
</table></div>`;
}

const columnNames = (head: readonly string[], id: string): string =>
  head
    .map((name, index) => {
      const isNamed = index > 0 && /^[\w ,-]+$/.test(name);
      return isNamed ? `#t-${id} tbody td:nth-child(${String(index + 1)})::before{content:"${name}: "}` : '';
    })
    .join('');

function cellHtml({ text, tone, share, code, picture }: PageCell): Html {
  const content = picture ?? (code === true ? markup`<code>${text}</code>` : markup`${text}`);
  const bar =
    share === undefined
      ? undefined
      : markup`<span class="bar"><span style="width:${(share * 100).toFixed(1)}%"></span></span>`;
  return tone === undefined
    ? markup`<td>${bar}${content}</td>`
    : markup`<td class="${tone}">${bar}${content}</td>`;
}
