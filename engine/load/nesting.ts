import type { Span } from '../source/file.ts';
import type { Report } from './report.ts';
import { entries, member, stringOf } from './syntax/tree.ts';
import type { Tree } from './syntax/tree.ts';

/** A call of a playbook or of a part, as it is written. */
interface WrittenCall {
  readonly uses: 'playbook' | 'part';
  readonly id: string;
  readonly span: Span;
}

/** Every call below a tree, of all branches. */
export function callsIn(tree: Tree, found: WrittenCall[] = []): readonly WrittenCall[] {
  if (tree.type === 'list') for (const item of tree.items) callsIn(item, found);
  if (tree.type !== 'map') return found;
  const uses = stringOf(member(tree, 'uses'));
  if (uses === 'playbook' || uses === 'part') {
    const called = member(member(tree, 'with'), uses);
    const id = stringOf(called);
    if (called !== undefined && id !== undefined) found.push({ uses, id, span: called.span });
  }
  for (const { key, value } of tree.entries) if (key !== 'with') callsIn(value, found);
  return found;
}

/** Deeper than anybody finds the way in, and shallow enough for all that walks through a playbook. */
export const MAX_NESTING = 20;

/**
 * How deep the calls of a file nest, those of its parts and of the playbooks that it calls together.
 * Where that is too deep, it is told at the call that makes it so.
 */
export function nestingOf(tree: Tree, playbooks: ReadonlyMap<string, number>, report: Report): number {
  const parts = member(tree, 'parts');
  const known = new Map<string, number>();
  const open = new Set<string>();
  const below = (place: Tree): number => {
    let deepest = 0;
    for (const call of callsIn(place)) {
      const called = call.uses === 'part' ? ofPart(call.id) : (playbooks.get(call.id) ?? 0);
      if (called === MAX_NESTING || open.size > MAX_NESTING) {
        const message = `The calls of playbooks and parts nest deeper than ${String(MAX_NESTING)} here`;
        report.error('DB150', call.span, message);
      }
      deepest = Math.max(deepest, called + 1);
    }
    return deepest;
  };
  const ofPart = (name: string): number => {
    const part = member(parts, name);
    // One that calls itself is told of elsewhere.
    if (part === undefined || open.has(name)) return 0;
    const before = known.get(name);
    if (before !== undefined) return before;
    if (open.size > MAX_NESTING) return MAX_NESTING + 1;
    open.add(name);
    const depth = below(part);
    open.delete(name);
    known.set(name, depth);
    return depth;
  };
  const ofParts = entries(parts).map(({ key }) => ofPart(key));
  const others = entries(tree).flatMap(({ key, value }) => (key === 'parts' ? [] : [below(value)]));
  return Math.max(0, ...ofParts, ...others);
}
