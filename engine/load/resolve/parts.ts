import type { Playbook } from '../../model/playbook.ts';
import type { Span } from '../../source/file.ts';
import { entries, entry, member } from '../syntax/tree.ts';
import type { Tree } from '../syntax/tree.ts';
import { outline } from './outline.ts';
import { resolvePart } from './playbook.ts';
import { templateAt } from './templates.ts';
import type { Unit } from './unit.ts';

type Around = Omit<Unit, 'tree' | 'inputs' | 'symbols' | 'needed' | 'part' | 'partNames' | 'checkTemplate'>;

/** A playbook as it is about to be resolved, with its parts, each resolved when it is first called. */
export function unitOf(tree: Tree, around: Around): Unit {
  const parts = member(tree, 'parts');
  const resolved = new Map<string, Playbook | undefined>();
  const open: string[] = [];
  const part = (name: string, caller: Span): Playbook | undefined => {
    const found = entry(parts, name);
    if (found === undefined) return undefined;
    if (open.includes(name)) {
      const round = [...open.slice(open.indexOf(name)), name].join(' → ');
      around.report.error('DB060', caller, `The part "${name}" would call itself: ${round}`);
      return undefined;
    }
    if (resolved.has(name)) return resolved.get(name);
    open.push(name);
    const playbook = resolvePart(inner(found.value), name, found.keySpan);
    open.pop();
    resolved.set(name, playbook);
    return playbook;
  };
  const partNames = entries(parts).map(({ key }) => key);
  const inner = (own: Tree): Unit => {
    const unit: Unit = {
      ...around,
      tree: own,
      part,
      partNames,
      checkTemplate: templateAt,
      inputs: new Set(entries(member(own, 'inputs')).map(({ key }) => key)),
      needed: new Map(),
      symbols: outline(own, { kinds: around.kinds, calls: around.calls, parts }, around.report),
    };
    around.watcher?.unit(unit);
    return unit;
  };
  // What nobody calls is checked too.
  for (const { key, keySpan } of entries(parts)) part(key, keySpan);
  return inner(tree);
}
