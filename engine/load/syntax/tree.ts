import type { Json } from '../../base/json.ts';
import type { Span } from '../../source/file.ts';

/** YAML as drillbook needs it: values with their places. Keys are unique; aliases are shared, never copied. */
export type Tree = TreeMap | TreeList | TreeScalar;

export interface TreeMap {
  readonly type: 'map';
  readonly entries: readonly TreeEntry[];
  readonly span: Span;
  /** Written with braces. */
  readonly flow: boolean;
}

export interface TreeEntry {
  readonly key: string;
  readonly keySpan: Span;
  readonly value: Tree;
}

export interface TreeList {
  readonly type: 'list';
  readonly items: readonly Tree[];
  readonly span: Span;
  /** Written with brackets. */
  readonly flow: boolean;
}

export interface TreeScalar {
  readonly type: 'scalar';
  readonly value: null | boolean | number | bigint | string;
  readonly span: Span;
  /** Nothing was written at all: `key:`. */
  readonly empty: boolean;
}

export function member(tree: Tree | undefined, key: string): Tree | undefined {
  return entry(tree, key)?.value;
}

export function entry(tree: Tree | undefined, key: string): TreeEntry | undefined {
  if (tree?.type !== 'map') return undefined;
  // The most frequent question of all: no function is made for each.
  for (const candidate of tree.entries) if (candidate.key === key) return candidate;
  return undefined;
}

export function entries(tree: Tree | undefined): readonly TreeEntry[] {
  return tree?.type === 'map' ? tree.entries : [];
}

export function items(tree: Tree | undefined): readonly Tree[] {
  return tree?.type === 'list' ? tree.items : [];
}

export function stringOf(tree: Tree | undefined): string | undefined {
  return tree?.type === 'scalar' && typeof tree.value === 'string' ? tree.value : undefined;
}

/** The tree as JSON, for a validator: there, and only there, whole numbers beyond 2^53 lose digits (`long`). */
export function toJson(tree: Tree, long: (whole: bigint) => Json = Number): Json {
  switch (tree.type) {
    case 'scalar':
      return typeof tree.value === 'bigint' ? long(tree.value) : tree.value;
    case 'list':
      return tree.items.map((item) => toJson(item, long));
    case 'map': {
      // No key is `__proto__`: the parser refuses it.
      const object: Record<string, Json> = {};
      for (const { key, value } of tree.entries) object[key] = toJson(value, long);
      return object;
    }
  }
}

/** The node that a JSON pointer names, or the nearest one around it. */
export function atPointer(tree: Tree, pointer: string): Tree {
  let at = tree;
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    const next = at.type === 'list' ? at.items[Number(name)] : member(at, name);
    if (next === undefined) return at;
    at = next;
  }
  return at;
}
