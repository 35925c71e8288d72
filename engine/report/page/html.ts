import { harmless } from '../../base/text.ts';

/** Text that is markup. It is made by `markup` and `trusted` alone: a plain string never becomes markup. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Inserted = string | number | Html | undefined | readonly Inserted[];

/** Markup around values: what is no `Html` is text, whoever wrote it, also inside of an attribute's quotes. */
export const markup = (parts: TemplateStringsArray, ...values: readonly Inserted[]): Html =>
  new Html(String.raw({ raw: parts }, ...values.map(inserted)));

/** Markup that no value of a run is in: a style, what a library drew. */
export const trusted = (text: string): Html => new Html(text);

function inserted(value: Inserted): string {
  if (value === undefined) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'object') return value.map(inserted).join('');
  return escaped(String(value));
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
