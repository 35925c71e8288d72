import { isAlias, isMap, isScalar, isSeq, parseDocument } from 'yaml';
import type { Document, Node as YamlNode, Pair, ParsedNode, YAMLError } from 'yaml';
import { wholeNumber } from '../../base/value.ts';
import type { SourceFile, Span } from '../../source/file.ts';
import type { Report } from '../report.ts';
import { findTraps } from './traps.ts';
import type { Tree, TreeEntry } from './tree.ts';

/** An alias stands for all below its anchor. More places than this after all aliases are followed is an attack or a mistake. */
const MAX_PLACES = 100_000;

/** Parses a YAML text. Undefined when it cannot be read as one; what is wrong is in the report. */
export function parseYaml(file: SourceFile, report: Report): Tree | undefined {
  const document = parseDocument(file.text, {
    prettyErrors: false,
    uniqueKeys: false,
    intAsBigInt: true,
  });
  const traps = findTraps(file, document);
  for (const span of traps) {
    report.error('DB015', span, 'YAML reads this differently from what is meant', {
      hint: 'Put the whole value in quotes, or below the key after ">-".',
    });
  }
  if (traps.length > 0) return undefined;
  for (const warning of document.warnings) {
    report.error('DB010', spanAt(file, warning.pos), `This is not allowed in a playbook: ${warning.message}`);
  }
  if (document.errors.length > 0) {
    for (const error of document.errors) syntaxError(file, error, report);
    return undefined;
  }
  if (document.contents === null) {
    report.error('DB010', { file, start: 0, end: 0 }, 'The file is empty');
    return undefined;
  }
  return new Converter(file, document, report).convert();
}

/** The parser places what is missing at the end of a text one character behind it. */
function spanAt(file: SourceFile, [start, end]: readonly [number, number]): Span {
  const { length } = file.text;
  return { file, start: Math.min(start, length), end: Math.min(Math.max(start, end), length) };
}

function syntaxError(file: SourceFile, error: YAMLError, report: Report): void {
  const span = spanAt(file, error.pos);
  if (error.code === 'TAB_AS_INDENT') {
    report.error('DB011', span, 'A tab indents this line', { hint: 'YAML is indented with spaces only.' });
  } else if (error.code === 'MULTIPLE_DOCS') {
    report.error('DB010', span, 'A second document begins here; a file holds one');
  } else {
    report.error('DB010', span, `This is not YAML: ${error.message}`);
  }
}

class Converter {
  readonly #file: SourceFile;
  readonly #document: Document.Parsed;
  readonly #report: Report;
  /** Places below each anchor, and whether it is being read right now. */
  readonly #anchored = new Map<YamlNode, { tree: Tree | undefined; places: number }>();
  #places = 0;
  #tooMany: Span | undefined;
  /** An alias leads nowhere: what is missing because of it is not to be told. */
  #broken = false;

  constructor(file: SourceFile, document: Document.Parsed, report: Report) {
    this.#file = file;
    this.#document = document;
    this.#report = report;
  }

  convert(): Tree | undefined {
    const contents = this.#document.contents;
    const tree = contents === null ? undefined : this.#node(contents, this.#span(contents));
    if (this.#tooMany === undefined) return this.#broken ? undefined : tree;
    this.#report.error(
      'DB013',
      this.#tooMany,
      `With this alias, the file has more than ${MAX_PLACES.toLocaleString('en')} values`,
    );
    return undefined;
  }

  #node(node: YamlNode, around: Span): Tree {
    if (isAlias(node)) return this.#alias(node.resolve(this.#document), this.#span(node), node.source);
    const before = this.#places++;
    const anchor = node.anchor !== undefined;
    if (anchor) this.#anchored.set(node, { tree: undefined, places: 0 });
    const tree = this.#plainNode(node, around);
    if (anchor) this.#anchored.set(node, { tree, places: this.#places - before });
    return tree;
  }

  #plainNode(node: YamlNode, around: Span): Tree {
    const span = this.#span(node, around);
    if (isMap(node)) {
      return { type: 'map', entries: this.#entries(node.items, span), span, flow: node.flow === true };
    }
    if (isSeq(node)) {
      const items = node.items.map((item) => this.#node(item as YamlNode, span));
      return { type: 'list', items, span, flow: node.flow === true };
    }
    const value = isScalar(node) ? node.value : undefined;
    return {
      type: 'scalar',
      value: scalar(value),
      span,
      empty: value === null && span.start === span.end,
    };
  }

  #alias(target: YamlNode | undefined, span: Span, name: string): Tree {
    const known = target === undefined ? undefined : this.#anchored.get(target);
    if (known?.tree !== undefined) {
      this.#places += known.places;
      if (this.#places > MAX_PLACES) this.#tooMany ??= span;
      return known.tree;
    }
    if (known === undefined) {
      this.#report.error('DB010', span, `This is not YAML: no anchor "&${name}" stands before this alias`);
    } else {
      this.#report.error('DB013', span, `The alias "*${name}" stands inside of what it is the alias of`);
    }
    this.#broken = true;
    return { type: 'scalar', value: null, span, empty: true };
  }

  #entries(pairs: readonly Pair[], around: Span): readonly TreeEntry[] {
    const found = new Map<string, TreeEntry>();
    for (const pair of pairs) {
      const keyNode = pair.key as ParsedNode;
      const keySpan = this.#span(keyNode, around);
      const key = isScalar(keyNode) ? String(keyNode.value) : undefined;
      const end = { file: this.#file, start: keySpan.end, end: keySpan.end };
      const value: Tree =
        pair.value === null || pair.value === undefined
          ? { type: 'scalar', value: null, span: end, empty: true }
          : this.#node(pair.value as YamlNode, end);
      if (key === undefined) {
        this.#report.error('DB010', keySpan, 'A key must be a text');
      } else {
        this.#addEntry(found, { key, keySpan, value });
      }
    }
    return [...found.values()];
  }

  #addEntry(found: Map<string, TreeEntry>, entry: TreeEntry): void {
    const first = found.get(entry.key);
    if (first !== undefined) {
      this.#report.error('DB012', entry.keySpan, `The key "${entry.key}" stands here twice`, {
        related: [{ message: 'the first is here', span: first.keySpan }],
      });
    } else if (entry.key === '__proto__') {
      this.#report.error('DB014', entry.keySpan, 'The key "__proto__" is not allowed');
    } else {
      found.set(entry.key, entry);
    }
  }

  #span(node: YamlNode, around?: Span): Span {
    const [start, end] = node.range ?? [around?.start ?? 0, around?.end ?? 0];
    return { file: this.#file, start, end };
  }
}

function scalar(value: unknown): null | boolean | number | bigint | string {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'number':
      return value;
    case 'bigint':
      return wholeNumber(value);
    default:
      return null;
  }
}
