import type { Node, Playbook } from '../../model/playbook.ts';
import { isPart } from './numbers.ts';
import type { Numbers } from './numbers.ts';

/** One Mermaid flowchart: phases, and inside of them whatever is more than one step after the other. */
export function diagram(playbook: Playbook, numbers: Numbers): string {
  return new Diagram(numbers).draw(playbook);
}

/** Where an arrow begins, and what stands on it. */
interface End {
  readonly id: string;
  readonly label?: string;
}

interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly text: string | undefined;
  readonly line: '-->' | '-.->';
}

class Diagram {
  readonly #numbers: Numbers;
  readonly #lines: string[] = ['flowchart TD'];
  /** Arrows stand outside of all frames, or they would pull what they lead to inside. */
  readonly #arrows: Arrow[] = [];
  /** The first box of each branch, by the branch's name. */
  readonly #entries = new Map<string, string>();
  readonly #escapes: { readonly from: string; readonly branch: string }[] = [];
  #depth = 1;
  #count = 0;

  constructor(numbers: Numbers) {
    this.#numbers = numbers;
  }

  draw(playbook: Playbook): string {
    const begin = this.#node('([', 'Disaster', '])');
    const ends = this.#sequence(playbook.steps, [{ id: begin }]);
    const end = this.#node('([', 'Recovered', '])');
    this.#join(ends, end);
    if (playbook.always.length > 0) {
      const titles = playbook.always.map(({ title }) => title).join('; ');
      const always = this.#node('[', `Whatever happened: ${titles}`, ']');
      this.#join([{ id: end }], always);
    }
    for (const { from, branch } of this.#escapes) this.#escape(from, branch);
    return [...this.#lines, ...this.#arrows.map(arrowLine)].join('\n');
  }

  /** Draws the nodes one after the other; plain steps in a row share one box. */
  #sequence(nodes: readonly Node[], from: readonly End[]): readonly End[] {
    let ends = from;
    let plain: Node[] = [];
    const flush = (): void => {
      if (plain.length === 0) return;
      ends = this.#box(plain, ends);
      plain = [];
    };
    for (const node of nodes) {
      if (isPlain(node)) {
        plain.push(node);
        continue;
      }
      flush();
      ends = this.#structure(node, ends);
    }
    flush();
    return ends;
  }

  #box(steps: readonly Node[], from: readonly End[]): readonly End[] {
    const id = this.#node('[', steps.map((step) => this.#titleOf(step)).join('\n'), ']');
    this.#join(from, id);
    for (const step of steps) this.#noteEscape(step, id);
    return [{ id }];
  }

  #structure(node: Node, from: readonly End[]): readonly End[] {
    switch (node.type) {
      case 'phase':
        return this.#phase(node, from);
      case 'choose':
        return this.#choice(node, from);
      case 'parallel':
        return this.#framed(node, () => {
          const fork = this.#node('{{', 'side by side', '}}');
          this.#join(from, fork);
          return node.branches.flatMap(({ title, steps }) =>
            this.#sequence(steps, [{ id: fork, label: title }]),
          );
        });
      case 'forEach':
      case 'repeat': {
        const again = node.type === 'forEach' ? 'next item' : `again until ${node.accept.source}`;
        return this.#framed(node, () => {
          const top = this.#node('((', node.type === 'forEach' ? 'each' : 'round', '))');
          this.#join(from, top);
          const ends = this.#sequence(node.steps, [{ id: top }]);
          for (const { id } of ends) if (id !== top) this.#arrow(id, top, again, '-.->');
          return ends;
        });
      }
      case 'call':
        return this.#framed(node, () => this.#sequence(node.playbook.steps, from));
      case 'step':
        return this.#box([node], from);
    }
  }

  #phase(phase: Extract<Node, { type: 'phase' }>, from: readonly End[]): readonly End[] {
    if (phase.when === undefined) return this.#work(phase, from);
    const question = this.#node('{', phase.when.source, '}');
    this.#join(from, question);
    return [...this.#work(phase, [{ id: question, label: 'yes' }]), { id: question, label: 'no' }];
  }

  /** A phase of plain steps is one box; the list of contents has its steps. */
  #work(phase: Extract<Node, { type: 'phase' }>, from: readonly End[]): readonly End[] {
    if (!phase.steps.every(isPlain)) return this.#framed(phase, () => this.#sequence(phase.steps, from));
    const ends = this.#box([phase], from);
    for (const { id } of ends) for (const step of phase.steps) this.#noteEscape(step, id);
    return ends;
  }

  #choice(node: Extract<Node, { type: 'choose' }>, from: readonly End[]): readonly End[] {
    const question = this.#node('{', this.#titleOf(node), '}');
    this.#join(from, question);
    return node.branches.flatMap((branch) => {
      const drawn = this.#arrows.length;
      const ends = this.#sequence(branch.steps, [{ id: question, label: branch.title }]);
      const first = this.#arrows[drawn];
      if (first !== undefined) this.#entries.set(branch.name, first.to);
      return ends;
    });
  }

  /** What `draw` puts inside stands in a frame with the title of the node. */
  #framed(node: Node, draw: () => readonly End[]): readonly End[] {
    this.#line(`subgraph s${String(this.#count++)}["${label(this.#titleOf(node))}"]`);
    this.#depth++;
    const ends = draw();
    this.#depth--;
    this.#line('end');
    return ends;
  }

  #titleOf(node: Node): string {
    const { number, title } = this.#numbers.of(node);
    return `${number} ${title}`;
  }

  #noteEscape(node: Node, from: string): void {
    if (node.type !== 'step' || node.onFailure?.do !== 'branch') return;
    this.#escapes.push({ from, branch: node.onFailure.branch });
  }

  /** A failure that leads into another branch. */
  #escape(from: string, name: string): void {
    const to = this.#entries.get(name);
    if (to !== undefined) this.#arrow(from, to, 'when it fails', '-.->');
  }

  #node(open: string, text: string, close: string): string {
    const id = `n${String(this.#count++)}`;
    this.#line(`${id}${open}"${label(text)}"${close}`);
    return id;
  }

  #join(ends: readonly End[], to: string): void {
    for (const { id, label: text } of ends) this.#arrow(id, to, text, '-->');
  }

  #arrow(from: string, to: string, text: string | undefined, line: Arrow['line']): void {
    this.#arrows.push({ from, to, text, line });
  }

  #line(text: string): void {
    this.#lines.push(`${'  '.repeat(this.#depth)}${text}`);
  }
}

const arrowLine = ({ from, to, text, line }: Arrow): string =>
  `  ${from} ${line}${text === undefined ? '' : `|"${label(text)}"|`} ${to}`;

const isPlain = (node: Node): boolean => node.type === 'step' || (node.type === 'call' && !isPart(node));

/** Inside the quotes of a Mermaid label. */
const label = (text: string): string =>
  text
    .trim()
    .replaceAll('#', '#35;')
    .replaceAll('"', '#quot;')
    .replaceAll('`', '#96;')
    .replaceAll('<', '#lt;')
    .replaceAll('>', '#gt;')
    .replaceAll('\n', '<br/>')
    // "1. Text" and "- text" at the beginning would be a list.
    .replace(/^([-*+])(?=\s)/, '#45;');
