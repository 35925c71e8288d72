import { Duration } from '../base/duration.ts';
import { canonicalJson } from '../base/json.ts';
import { encodeValue } from '../base/value.ts';
import type { Playbook } from '../model/playbook.ts';
import type { Proposal } from '../model/proposal.ts';
import { placedSteps } from '../model/walk.ts';
import type { Diagnostic } from '../source/diagnostic.ts';
import type { SourceFile, Span } from '../source/file.ts';
import { applyEdits, commentAbove, mapAt, setScalar } from './edit.ts';
import type { Edit } from './edit.ts';
import { Report } from './report.ts';
import { entries, entry, member, stringOf, toJson } from './syntax/tree.ts';
import type { Tree, TreeMap } from './syntax/tree.ts';
import { parseYaml } from './syntax/yaml.ts';

export interface Improvement {
  readonly file: SourceFile;
  readonly text: string;
}

export interface Improvements {
  /** Files that change; none where every proposal is carried out already. */
  readonly files: readonly Improvement[];
  /** Proposals whose place is no longer what the run saw. Then nothing should be changed. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Carries proposals out in the text of the playbook as it is now. What they are about is looked for
 * where the run had it: a step that has changed since, or is gone, is refused, and an expectation that
 * somebody has set anew. All that is not changed stays as it is, to the byte.
 */
export function improve(proposals: readonly Proposal[], then: Playbook, now: Playbook): Improvements {
  const improver = new Improver(new Places(then), new Places(now), now);
  for (const proposal of proposals) improver.carryOut(proposal);
  return improver.result();
}

/** Where the steps of a playbook and of those that it calls are in their files. */
class Places {
  readonly root: Tree | undefined;
  readonly #steps = new Map<string, Span>();
  readonly #trees = new Map<SourceFile, Tree | undefined>();

  constructor(playbook: Playbook) {
    for (const { key, node } of placedSteps(playbook)) this.#steps.set(key, node.span);
    this.root = this.#treeOf(playbook.file);
  }

  step(key: string): TreeMap | undefined {
    const span = this.#steps.get(key);
    const tree = span === undefined ? undefined : this.#treeOf(span.file);
    return span === undefined || tree === undefined ? undefined : mapAt(tree, span);
  }

  #treeOf(file: SourceFile): Tree | undefined {
    const known = this.#trees.get(file);
    if (known !== undefined) return known;
    const tree = parseYaml(file, new Report());
    this.#trees.set(file, tree);
    return tree;
  }
}

class Improver {
  readonly #then: Places;
  readonly #now: Places;
  readonly #file: SourceFile;
  readonly #report = new Report();
  readonly #edits = new Map<SourceFile, Edit[]>();

  constructor(then: Places, now: Places, playbook: Playbook) {
    this.#then = then;
    this.#now = now;
    this.#file = playbook.file;
  }

  carryOut(proposal: Proposal): void {
    switch (proposal.type) {
      case 'expect':
        this.#expect(proposal);
        return;
      case 'reviewed':
        this.#reviewed(proposal.on);
        return;
      case 'remark':
        this.#remark(proposal);
    }
  }

  result(): Improvements {
    const files = [...this.#edits].map(([file, edits]) => ({ file, text: applyEdits(file.text, edits) }));
    return {
      files: files.filter(({ file, text }) => text !== file.text),
      diagnostics: this.#report.diagnostics,
    };
  }

  #expect({ key, title, toMs }: Extract<Proposal, { type: 'expect' }>): void {
    const places = this.#step(key, title);
    if (places === undefined) return;
    const { then, now } = places;
    const wanted = Duration.fromMillis(toMs).toString();
    const [before, today] = [then, now].map((step) => stringOf(member(step, 'expect')));
    if (today !== undefined && Duration.parse(today)?.millis === toMs) return;
    if (before !== today) {
      const at = entry(now, 'expect')?.value.span ?? now.span;
      this.#refuse(at, `What "${title}" is expected to take was changed since the run`);
      return;
    }
    // Below "uses", which every step has, on one line.
    this.#add(now, setScalar(now, 'expect', wanted, ['uses']));
  }

  #reviewed(on: string): void {
    const root = this.#now.root;
    if (root?.type !== 'map') return;
    const [reviewed, due] = [stringOf(member(root, 'reviewed')), stringOf(member(root, 'nextReview'))];
    if (reviewed !== undefined && reviewed >= on) return;
    this.#add(root, setScalar(root, 'reviewed', on, ['priority', 'owner', 'id']));
    const next = nextReview(on, reviewed, due);
    this.#add(root, setScalar(root, 'nextReview', next, ['reviewed', 'priority', 'owner', 'id']));
  }

  #remark({ at, text }: Extract<Proposal, { type: 'remark' }>): void {
    if (at === 'playbook') {
      const first = entries(this.#now.root)[0];
      if (first !== undefined) this.#comment(first.keySpan, text);
    } else if ('objective' in at) {
      const objective = entry(member(this.#now.root, 'objectives'), at.objective);
      if (objective !== undefined) this.#comment(objective.keySpan, text);
    } else {
      const places = this.#step(at.step, at.title);
      if (places !== undefined) this.#comment(places.now.span, text);
    }
  }

  /**
   * The step as the run had it and as it is. What has no place in a playbook (an undo, a question) is
   * passed over; a step that is another by now is refused.
   */
  #step(key: string, title: string): { readonly then: TreeMap; readonly now: TreeMap } | undefined {
    const then = this.#then.step(key);
    if (then === undefined) return undefined;
    const now = this.#now.step(key);
    if (now === undefined) {
      this.#refuse({ file: this.#file, start: 0, end: 0 }, `The step "${title}" (${key}) is no longer there`);
      return undefined;
    }
    if (withoutExpect(then) === withoutExpect(now)) return { then, now };
    this.#refuse(now.span, `The step "${title}" was changed since the run`);
    return undefined;
  }

  #refuse(span: Span, message: string): void {
    this.#report.error('DB093', span, message, {
      hint: 'Drill it as it is now, and improve it from that run.',
    });
  }

  #comment(span: Span, text: string): void {
    const edit = commentAbove(span, text);
    if (edit !== undefined) this.#keep(span.file, edit);
  }

  #add(map: TreeMap, edit: Edit | undefined): void {
    if (edit !== undefined) this.#keep(map.span.file, edit);
  }

  #keep(file: SourceFile, edit: Edit): void {
    this.#edits.set(file, [...(this.#edits.get(file) ?? []), edit]);
  }
}

/** What the step says, however it is laid out. */
function withoutExpect(step: TreeMap): string {
  const rest = { ...step, entries: step.entries.filter(({ key }) => key !== 'expect') };
  return canonicalJson(toJson(rest, encodeValue));
}

const DAY_MS = 86_400_000;
const QUARTER_DAYS = 91;

/** As long after the review as it was after the one before; a quarter where nobody said. */
function nextReview(on: string, reviewed: string | undefined, due: string | undefined): string {
  const days =
    reviewed === undefined || due === undefined
      ? QUARTER_DAYS
      : (Date.parse(due) - Date.parse(reviewed)) / DAY_MS;
  const interval = days > 0 ? days : QUARTER_DAYS;
  return new Date(Date.parse(on) + interval * DAY_MS).toISOString().slice(0, 10);
}
