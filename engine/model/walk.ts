import type { Call, Choose, Node, Playbook, Step } from './playbook.ts';

/** A step as it stands in the tree, before anything runs. */
export interface PlacedStep {
  /** Its key in a run: ids joined by `/` through calls; phases and branches do not add to it. */
  readonly key: string;
  readonly node: Step | Call | Choose;
  /** Titles of the phases and calls around it, outermost first. */
  readonly path: readonly string[];
  /** Set inside a branch: it runs only when this one is chosen. */
  readonly branch?: string;
  /** Part of `always`. */
  readonly always: boolean;
  /** The playbook that it belongs to: the run's own, or a called one. */
  readonly playbook: Playbook;
}

/** Every step of a playbook in the order in which it would run, called playbooks and all branches included. */
export function* placedSteps(playbook: Playbook): Generator<PlacedStep> {
  yield* walk(playbook.steps, { playbook, prefix: '', path: [], always: false });
  yield* walk(playbook.always, { playbook, prefix: 'always/', path: ['Always'], always: true });
}

interface Place {
  readonly playbook: Playbook;
  readonly prefix: string;
  readonly path: readonly string[];
  readonly branch?: string;
  readonly always: boolean;
}

function* walk(nodes: readonly Node[], place: Place): Generator<PlacedStep> {
  for (const node of nodes) {
    if (node.type === 'phase') {
      yield* walk(node.steps, { ...place, path: [...place.path, node.title] });
      continue;
    }
    const { playbook, path, always, branch } = place;
    const key = `${place.prefix}${node.id}`;
    yield { key, node, path, always, playbook, ...(branch === undefined ? {} : { branch }) };
    if (node.type === 'call') {
      const inside = { ...place, playbook: node.playbook, prefix: `${key}/`, path: [...path, node.title] };
      yield* walk(node.playbook.steps, inside);
    } else if (node.type === 'choose') {
      for (const choice of node.branches) yield* walk(choice.steps, { ...place, branch: choice.name });
    }
  }
}
