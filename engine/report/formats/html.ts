import { harmless } from '../../base/text.ts';
import type { ReportDocument } from './document.ts';
import type { Cell, Section } from './section.ts';

/** The report as one page that needs nothing else: no script, no font, nothing fetched. Made to be printed too. */
export function html({ title, verdict, facts, sections }: ReportDocument): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<header>
<h1>${escaped(title)}</h1>
<p class="verdict ${verdict.tone ?? ''}">${escaped(verdict.text)}</p>
<dl>
${facts.map(([name, text]) => `<div><dt>${escaped(name)}</dt><dd>${escaped(text)}</dd></div>`).join('\n')}
</dl>
</header>
${sections.map(section).join('\n')}
</main>
</body>
</html>
`;
}

function section({ title, note, table: { head, rows } }: Section): string {
  const heads = head.map((name) => `<th scope="col">${escaped(name)}</th>`).join('');
  const body = rows
    .map((cells) => `<tr>${cells.map((one, index) => cell(one, head[index] ?? '')).join('')}</tr>`)
    .join('\n');
  return `<section>
<h2>${escaped(title)}</h2>
<table>
<thead><tr>${heads}</tr></thead>
<tbody>
${body}
</tbody>
</table>${note === undefined ? '' : `\n<p>${escaped(note)}</p>`}
</section>`;
}

/** `head`: of its column, which a narrow screen shows beside it. */
function cell({ text, tone, share, code }: Cell, head: string): string {
  const content = code === true ? `<code>${escaped(text)}</code>` : escaped(text);
  const bar =
    share === undefined
      ? ''
      : `<span class="bar"><span style="width:${(share * 100).toFixed(1)}%"></span></span>`;
  return `<td data-head="${escaped(head)}"${tone === undefined ? '' : ` class="${tone}"`}>${bar}${content}</td>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string): string =>
  harmless(text).replaceAll(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);

const STYLE = `
:root { color-scheme: light dark; --text: #1f2328; --page: #fff; --good: #1a7f37; --bad: #c01c28; --warn: #9a6700; --info: #57606a; --line: #d0d7de; --soft: #f6f8fa; --bar: #0969da; }
@media screen and (prefers-color-scheme: dark) {
  :root { --text: #e6edf3; --page: #0d1117; --good: #4ac26b; --bad: #ff8182; --warn: #d4a72c; --info: #9ea7b3; --line: #3d444d; --soft: #1c2128; --bar: #4493f8; }
}
* { box-sizing: border-box; }
body { margin: 0; font: 15px/1.5 system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; color: var(--text); background: var(--page); }
main { max-width: 62rem; margin: 0 auto; padding: 2rem 1.5rem 4rem; }
h1 { margin: 0 0 .5rem; font-size: 1.8rem; line-height: 1.2; }
h2 { margin: 2rem 0 .5rem; font-size: 1.1rem; }
.verdict { display: inline-block; margin: 0 0 1rem; padding: .35rem .8rem; border-left: .35rem solid var(--info); background: var(--soft); font-weight: 600; }
.verdict.good { border-color: var(--good); } .verdict.bad { border-color: var(--bad); } .verdict.warn { border-color: var(--warn); }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: .15rem 2rem; margin: 0; }
dl div { display: flex; gap: .6rem; } dt { flex: 0 0 6.5rem; color: var(--info); } dd { margin: 0; overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; font-size: .92rem; }
th { padding: .3rem .6rem; border-bottom: 2px solid var(--line); text-align: left; color: var(--info); font-weight: 600; }
td { padding: .3rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
td:first-child { white-space: nowrap; }
td.good { color: var(--good); } td.bad { color: var(--bad); font-weight: 600; } td.warn { color: var(--warn); } td.info { color: var(--info); }
.bar { display: inline-block; width: 10rem; height: .7rem; margin-right: .6rem; background: var(--soft); vertical-align: -.05rem; }
.bar span { display: block; height: 100%; background: var(--bar); }
code { font: .82rem/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
@media screen and (max-width: 40rem) {
  main { padding: 1rem .9rem 3rem; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table, tbody, tr, td { display: block; }
  tr { padding: .5rem 0; border-bottom: 1px solid var(--line); }
  td { padding: .1rem 0; border: 0; }
  td:first-child { white-space: normal; }
  td:not(:first-child)::before { content: attr(data-head) ': '; color: var(--info); font-weight: 400; }
}
@page { margin: 1.6cm; }
@media print {
  body { font-size: 10pt; } main { max-width: none; padding: 0; }
  h2 { break-after: avoid; } tr { break-inside: avoid; } thead { display: table-header-group; }
  .bar, .bar span, .verdict { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
