import type {
  Call,
  Choose,
  Fault,
  ForEach,
  Node,
  Parallel,
  Playbook,
  Rehearsal,
  Repeat,
  Step,
} from './playbook.ts';

/** A step as it stands in the tree, before anything runs. */
export interface PlacedStep {
  /**
   * Its key in a run: ids joined by `/` through calls and the branches of `parallel`; phases and
   * the branches of a choice do not add to it. An item stands as `loop[*]`, a round as `hunt#*`.
   */
  readonly key: string;
  readonly node: Step | Call | Choose | Parallel | ForEach | Repeat;
  /** Titles of the phases and calls around it, outermost first. */
  readonly path: readonly string[];
  /** Set inside a branch: it runs only when this one is chosen. */
  readonly branch?: string;
  /** The branches that it stands in, outermost first: all of them have to be chosen. */
  readonly choices: readonly Choice[];
  /** Inside a loop or rounds: nobody knows yet how often it runs. */
  readonly repeated: boolean;
  /** Part of `always`. */
  readonly always: boolean;
  /** The playbook that it belongs to: the run's own, or a called one. */
  readonly playbook: Playbook;
}

export interface Choice {
  /** Key of the `choose`. */
  readonly key: string;
  readonly branch: string;
}

/** Every step of a playbook in the order in which it would run, called playbooks and all branches included. */
export function* placedSteps(playbook: Playbook): Generator<PlacedStep> {
  const place = { playbook, path: [], choices: [], repeated: false };
  yield* walk(playbook.steps, { ...place, prefix: '', always: false });
  yield* walk(playbook.always, { ...place, prefix: 'always/', path: ['Always'], always: true });
}

/** The steps with which its rehearsals break something, in mid-run too, each as a bare playbook. */
export const breakingSteps = ({ rehearsals }: Playbook): readonly Playbook[] =>
  rehearsals.flatMap((rehearsal) =>
    allFaults(rehearsal).flatMap((fault) => (fault.type === 'steps' ? [fault.playbook] : [])),
  );

/** What a rehearsal breaks before the recovery, and what its injects break in it. */
export const allFaults = ({ faults, injects }: Rehearsal): readonly Fault[] => [
  ...faults,
  ...injects.flatMap(({ what }) => (what.type === 'fault' ? [what.fault] : [])),
];

interface WalkedPlace {
  readonly playbook: Playbook;
  readonly prefix: string;
  readonly path: readonly string[];
  readonly branch?: string;
  readonly choices: readonly Choice[];
  readonly repeated: boolean;
  readonly always: boolean;
}

function* walk(nodes: readonly Node[], place: WalkedPlace): Generator<PlacedStep> {
  for (const node of nodes) {
    if (node.type === 'phase') {
      yield* walk(node.steps, { ...place, path: [...place.path, node.title] });
      continue;
    }
    const { playbook, path, always, branch, choices, repeated } = place;
    const key = `${place.prefix}${node.id}`;
    yield {
      key,
      node,
      path,
      always,
      playbook,
      repeated,
      choices,
      ...(branch !== undefined && { branch }),
    };
    yield* inside(node, key, place);
  }
}

function* inside(node: PlacedStep['node'], key: string, place: WalkedPlace): Generator<PlacedStep> {
  const path = [...place.path, node.title];
  switch (node.type) {
    case 'step':
      return;
    case 'call':
      yield* walk(node.playbook.steps, { ...place, playbook: node.playbook, prefix: `${key}/`, path });
      return;
    case 'choose':
      for (const { name: branch, steps } of node.branches) {
        yield* walk(steps, { ...place, branch, choices: [...place.choices, { key, branch }] });
      }
      return;
    case 'parallel':
      for (const { name, title, steps } of node.branches) {
        yield* walk(steps, { ...place, prefix: `${key}/${name}/`, path: [...path, title] });
      }
      return;
    case 'forEach':
      yield* walk(node.steps, { ...place, prefix: `${key}[*]/`, path, repeated: true });
      return;
    case 'repeat':
      yield* walk(node.steps, { ...place, prefix: `${key}#*/`, path, repeated: true });
  }
}
