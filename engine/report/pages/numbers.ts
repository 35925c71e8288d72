import type { Branch, Node, Playbook } from '../../model/playbook.ts';

/** What a node of the tree is called on its page. */
export interface NumberedPlace {
  /** `2.3`, in the second branch of it `2.3b.1`. */
  readonly number: string;
  /** Of the heading: the step's own id, or its number. */
  readonly anchor: string;
  readonly title: string;
}

/** The nodes of a page in their order, numbered as its headings are. */
export class Numbers {
  readonly #places = new Map<Node | Branch, NumberedPlace>();
  readonly #byId = new Map<string, NumberedPlace>();
  /** The place of each step that pays the debt of another, by the id of the latter. */
  readonly #settledBy = new Map<string, NumberedPlace>();
  readonly #branches = new Map<string, NumberedPlace>();
  readonly #anchors = new Set<string>();

  constructor(playbook: Playbook) {
    this.#number(playbook.steps, '');
    const last = playbook.steps.length;
    this.#number(playbook.always, '', last);
  }

  of(node: Node | Branch): NumberedPlace {
    const place = this.#places.get(node);
    if (place === undefined) throw new Error('a node that is not on this page');
    return place;
  }

  step(id: string): NumberedPlace | undefined {
    return this.#byId.get(id);
  }

  branch(name: string): NumberedPlace | undefined {
    return this.#branches.get(name);
  }

  settledBy(id: string): NumberedPlace | undefined {
    return this.#settledBy.get(id);
  }

  #number(nodes: readonly Node[], prefix: string, from = 0): void {
    nodes.forEach((node, index) => {
      const number = `${prefix}${String(from + index + 1)}`;
      const place = this.#add(node, number, node.type !== 'phase' && node.named ? node.id : undefined);
      if (node.type !== 'phase' && !this.#byId.has(node.id)) this.#byId.set(node.id, place);
      const settles =
        node.type === 'step' ? node.settles : node.type === 'forEach' ? node.whole?.settles : undefined;
      for (const id of settles ?? []) this.#settledBy.set(id, place);
      this.#inside(node, number);
    });
  }

  #inside(node: Node, number: string): void {
    if (node.type === 'choose' || node.type === 'parallel') {
      node.branches.forEach((branch, index) => {
        const letter = `${number}${String.fromCodePoint(0x61 + index)}`;
        const place = this.#add(branch, letter, undefined);
        if (node.type === 'choose') this.#branches.set(branch.name, place);
        this.#number(branch.steps, `${letter}.`);
      });
    } else if (node.type === 'call') {
      if (isPart(node)) this.#number(node.playbook.steps, `${number}.`);
    } else if (node.type !== 'step') this.#number(node.steps, `${number}.`);
  }

  #add(node: Node | Branch, number: string, wanted: string | undefined): NumberedPlace {
    // A part that is called twice stands on the page twice, its nodes under the first number.
    const anchor =
      wanted === undefined || this.#anchors.has(wanted) ? `at-${number.replaceAll('.', '-')}` : wanted;
    this.#anchors.add(anchor);
    const place = { number, anchor, title: node.title };
    if (!this.#places.has(node)) this.#places.set(node, place);
    return place;
  }
}

/** A group of steps of the same file is shown where it is called; another playbook has a page of its own. */
export const isPart = (call: {
  readonly playbook: Playbook;
  readonly span: { readonly file: unknown };
}): boolean => call.playbook.file === call.span.file;
