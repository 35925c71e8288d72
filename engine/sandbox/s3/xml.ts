import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { S3Error } from './errors.ts';

/** An element of a document: what is read from requests, kept as a setting, and written in answers. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  /** Only of an element without children. */
  readonly text: string;
}

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';
const TEXT = '#text';
const ATTRIBUTES = ':@';

type Content = readonly (Element | undefined)[] | string | number | boolean | Date;

/** An element with children (those that are undefined are left out) or with a text. */
export function element(
  name: string,
  content: Content = '',
  attributes: Readonly<Record<string, string>> = {},
): Element {
  if (typeof content === 'object' && !(content instanceof Date)) {
    const children = content.filter((child) => child !== undefined);
    return { name, attributes, children, text: '' };
  }
  const text = content instanceof Date ? content.toISOString() : String(content);
  return { name, attributes, children: [], text };
}

/** The element, or none when there is nothing to say. */
export const optional = (name: string, content: Content | undefined): Element | undefined =>
  content === undefined ? undefined : element(name, content);

/** The outermost element of an answer. */
export const document = (name: string, content: Content): Element =>
  element(name, content, { xmlns: NAMESPACE });

export function serialise(root: Element): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${write(root)}`;
}

function write({ name, attributes, children, text }: Element): string {
  const head = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escape(value)}"`)
    .join('');
  const inside = children.length > 0 ? children.map(write).join('') : escape(text);
  return inside === '' ? `<${name}${head}/>` : `<${name}${head}>${inside}</${name}>`;
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Control characters too: a parser would drop a carriage return, and with it the key that has one. */
function escape(text: string): string {
  return text.replaceAll(/[&<>"\u0000-\u001f\u007f]/g, (character) =>
    Object.hasOwn(ESCAPES, character)
      ? (ESCAPES[character] ?? '')
      : `&#x${character.charCodeAt(0).toString(16)};`,
  );
}

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  trimValues: false,
  // Numeric references are among them.
  htmlEntities: true,
  removeNSPrefix: true,
});

/** A document whose outermost element has this name; anything else is MalformedXML. */
export function parse(text: string, root: string): Element {
  // The parser alone takes a tag that is never closed. What is to replace the validator is one more package.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  if (XMLValidator.validate(text) !== true) throw new S3Error('MalformedXML');
  const [found, ...more] = read(parser.parse(text) as readonly Parsed[]).filter(
    ({ name }) => !name.startsWith('?'),
  );
  if (found?.name !== root || more.length > 0) throw new S3Error('MalformedXML');
  return found;
}

interface Parsed {
  readonly [ATTRIBUTES]?: Readonly<Record<string, string>>;
  readonly [name: string]: unknown;
}

function read(nodes: readonly Parsed[]): Element[] {
  return nodes.flatMap((node) => {
    const name = Object.keys(node).find((key) => key !== ATTRIBUTES);
    if (name === undefined || name === TEXT) return [];
    const inside = node[name] as readonly Parsed[];
    const text = inside.map((part) => (typeof part[TEXT] === 'string' ? part[TEXT] : '')).join('');
    const children = read(inside);
    return [{ name, attributes: node[ATTRIBUTES] ?? {}, children, text: children.length > 0 ? '' : text }];
  });
}

export const childrenOf = (parent: Element, name: string): readonly Element[] =>
  parent.children.filter((child) => child.name === name);

export const childOf = (parent: Element, name: string): Element | undefined =>
  parent.children.find((child) => child.name === name);

/** The text of a child, trimmed of nothing: white space belongs to a key. */
export const childText = (parent: Element, name: string): string | undefined => childOf(parent, name)?.text;
