/**
 * An element of S3's answers. They know neither attributes that matter nor mixed content, so an
 * element is its text or its children. Read by hand, because a listing of a million versions
 * is a gigabyte of it and a general parser takes ten times as long.
 */
export interface Element {
  readonly name: string;
  readonly text: string;
  readonly children: readonly Element[];
}

interface Open {
  name: string;
  text: string;
  children: Element[];
}

/** The root element; undefined when the text is no XML (a proxy's page, an answer cut off). */
export function parseXml(source: string): Element | undefined {
  const root: Open = { name: '', text: '', children: [] };
  const stack: Open[] = [root];
  let at = source.indexOf('<');
  while (at >= 0) {
    const end = source.indexOf('>', at);
    if (end < 0) return undefined;
    const top = stack.at(-1) ?? root;
    const first = source[at + 1];
    if (first === '/') {
      if (stack.length === 1 || source.slice(at + 2, end).trim() !== top.name) return undefined;
      stack.pop();
    } else if (first !== '?' && first !== '!') {
      const isEmpty = source[end - 1] === '/';
      const tag = source.slice(at + 1, isEmpty ? end - 1 : end);
      const space = tag.search(/\s/);
      const element: Open = { name: space < 0 ? tag : tag.slice(0, space), text: '', children: [] };
      top.children.push(element);
      if (!isEmpty) stack.push(element);
    }
    const next = source.indexOf('<', end);
    const inner = stack.at(-1);
    // Only the text directly before an end tag is a value; the rest is white space.
    if (next >= 0 && source[next + 1] === '/' && inner !== undefined && inner.children.length === 0) {
      inner.text = unescape(source.slice(end + 1, next));
    }
    at = next;
  }
  return stack.length === 1 ? root.children[0] : undefined;
}

export function childOf(element: Element | undefined, name: string): Element | undefined {
  return element?.children.find((child) => child.name === name);
}

/** The text of a child; undefined when there is no such child. */
export function childText(element: Element | undefined, name: string): string | undefined {
  return childOf(element, name)?.text;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescape(text: string): string {
  if (!text.includes('&')) return text;
  return text.replaceAll(
    /&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi,
    (whole, hex?: string, dec?: string, name?: string) => {
      if (name !== undefined) return ENTITIES[name] ?? whole;
      return String.fromCodePoint(hex === undefined ? Number(dec) : Number.parseInt(hex, 16));
    },
  );
}

/** Characters that XML 1.0 cannot hold, not even as a reference; S3 allows them in keys. */
export const BEYOND_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  // A parser would make a space or a line feed of them.
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** A text as the content of an element. */
export const escapeXml = (text: string): string =>
  text.replaceAll(/[&<>"\t\n\r]/g, (char) => ESCAPES[char] ?? char);
