import type { JsonObject } from '../../base/json.ts';
import { CHECK, SHOWN_RED } from '../../model/backup.ts';

/** What must be true of a backup, and how that is seen. */
export interface BackupCheck {
  /** `Contents`: what its step and its history are known by, so it stays. */
  readonly id: string;
  readonly title: string;
  /** A kind that only reads, and what it is given. */
  readonly uses: string;
  readonly with: JsonObject;
  /** A condition over its output. */
  readonly that: string;
  /** A text in which expressions may stand. */
  readonly else: string;
  /** What was seen, as a text in which expressions may stand. */
  readonly reading: string;
  /** What must have been proven before: a condition. Absent: nothing. */
  readonly when?: string;
  /** Steps before it: what they do, it asks about. */
  readonly first?: readonly JsonObject[];
  /** It is held against when it was proven last. */
  readonly recalls?: true;
  /**
   * How it must turn red: on the copy, broken by a statement of its own or by emptying all tables, or when the same is
   * asked of another that has lost everything (`of`: what it is given then). Absent for one that looks at the backup
   * itself, which nothing may change.
   */
  readonly broken?: { readonly by: string } | { readonly of: JsonObject } | 'emptied';
}

/** What any backup is held against. */
export interface Limits {
  readonly age?: string | undefined;
  readonly size?: number | undefined;
  readonly since?: string | undefined;
  readonly warnings?: string | undefined;
}

/** Of its size when it was proven last, unless the file says another share. */
export const SHARE = 0.8;

/** A kind of backup, as its proof needs it. */
export interface BackupSource {
  /** Files and folders of this machine that it is read from. */
  readonly places: readonly string[];
  /** Of the world in which it is proven: the copy, and what else that takes. */
  readonly parts: JsonObject;
  /** What the environment of that world says. */
  readonly environment: JsonObject;
  /** What of that the playbook asks for. */
  readonly needs: string;
  /** What is true or not of it as it lies there. Nothing changes it. */
  readonly before: readonly BackupCheck[];
  readonly restored: BackupCheck;
  /** What is restored for an application alone; it is started on what has been restored where that is absent. */
  readonly forApplication?: BackupCheck;
  /** The step that breaks the copy as a whole, without its id; all tables are emptied where that is absent. */
  readonly emptied?: JsonObject;
  /** Asked at the end. */
  readonly after: readonly BackupCheck[];
}

export const COPY = '${{ env.databases.copy }}';

/** Conditions that the checks wait for. */
export const greenIs = ({ id }: Pick<BackupCheck, 'id'>): string =>
  `steps.${CHECK}${id}.outcome == "succeeded"`;
export const FOUND = greenIs({ id: 'Found' });
export const RESTORED = greenIs({ id: 'Restored' });
export const SERVED = greenIs({ id: 'Application' });

/** A text of CEL. */
export const celText = (text: string): string => JSON.stringify(text);

/** The steps of a check, in their order. `proof`: the id of the playbook that they stand in. */
export function stepsOf(check: BackupCheck, proof: string): readonly JsonObject[] {
  const step: JsonObject = {
    id: `${CHECK}${check.id}`,
    title: check.title,
    uses: check.uses,
    ...(check.when !== undefined && { when: check.when }),
    with: check.with,
    assert: [{ that: check.that, else: check.else }],
    record: { reading: check.reading },
    onFailure: 'continue',
  };
  return [...(check.first ?? []), ...(check.recalls === true ? [recall(check, proof)] : []), step];
}

const recall = ({ id, title }: BackupCheck, proof: string): JsonObject => ({
  id: `last${id}`,
  title: `How was it when it was proven last? (${title})`,
  uses: 'recall',
  with: { playbook: proof, step: `${CHECK}${id}` },
});

const mustNotHold = (that: string): JsonObject => ({
  assert: [{ that: `!(${that})`, else: 'It is green on a broken copy as well, and proves nothing' }],
  onFailure: 'continue',
});

/** The same asked of another that has lost everything: that can be asked, and must not hold. */
export const redOf = ({ id, title, uses, that }: BackupCheck, other: JsonObject): JsonObject => ({
  id: `${SHOWN_RED}${id}`,
  title: `Red where everything is lost: ${title}`,
  uses,
  when: `steps.${CHECK}${id}.outcome == "succeeded"`,
  with: other,
  ...mustNotHold(that),
});

/** The same check of a broken copy: there it must not hold. What cannot even be asked any more is red as well. */
export const redStep = ({ id, title, ...check }: BackupCheck, broken: string): JsonObject => ({
  id: `${SHOWN_RED}${id}`,
  title: `Red on a broken copy: ${title}`,
  uses: check.uses,
  when: `steps.${CHECK}${id}.outcome == "succeeded" && steps.${broken}.outcome == "succeeded"`,
  with: check.with,
  ...mustNotHold(check.that),
  outcomes: { red: 'error.code != "assert"' },
});

/**
 * Whether something is known of when the check was proven last; `last` is what its step gave then. Not before the
 * moment up to which nothing is compared with.
 */
export const lastOf = (
  id: string,
  since: string | undefined,
): { readonly known: string; readonly last: string } => {
  const output = `steps.last${id}.output`;
  const after = since === undefined ? '' : ` && ${output}.at >= timestamp(${celText(since)})`;
  return { known: `(${output}.found${after})`, last: `${output}.output` };
};

/** A share, for people. */
export const percent = (share: number): string => `${String(Math.round(share * 1000) / 10)} %`;
