import type { ReportDocument } from '../formats/document.ts';
import { markup } from './html.ts';
import type { Html } from './html.ts';
import { page } from './page.ts';
import { idOf, sectionHtml } from './sections.ts';

/** What stands on a page besides what it says in words. */
export interface Pictures {
  /** Right below the verdict. */
  readonly head?: Html;
  /** Between the facts and the sections, each with what the list of sections calls it. */
  readonly before?: readonly { readonly title: string; readonly content: Html }[];
  /** At the end, likewise. */
  readonly after?: readonly { readonly title: string; readonly content: Html }[];
  /** Above the table of a section, by its title. */
  readonly above?: Readonly<Record<string, Html>>;
  /** Below it. */
  readonly below?: Readonly<Record<string, Html | undefined>>;
}

/** A document as a page, with pictures in it where there are any. */
export function documentPage(
  { title, verdict, facts, sections }: ReportDocument,
  { head, before = [], after = [], above = {}, below = {} }: Pictures = {},
): string {
  const names = [...before, ...sections, ...after].map((each) => each.title);
  return page(
    title,
    markup`<header>
<h1>${title}</h1>
<p class="verdict ${verdict.tone}">${verdict.text}</p>
${head}<dl class="facts">
${facts.map(([name, text]) => markup`<div><dt>${name}</dt><dd>${text}</dd></div>\n`)}</dl>
<nav aria-label="Sections"><ul>
${names.map((name) => markup`<li><a href="#${idOf(name)}">${name}</a></li>\n`)}</ul></nav>
</header>
${before.map((each) => pictured(each.title, each.content))}${sections.map((each) => sectionHtml(each, above[each.title], below[each.title]))}${after.map((each) => pictured(each.title, each.content))}`,
  );
}

function pictured(title: string, content: Html): Html {
  const id = idOf(title);
  return markup`<section aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
${content}
</section>
`;
}
