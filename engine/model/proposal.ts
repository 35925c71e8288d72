/** A change of a playbook that a run suggests. It can be made in the file without touching the rest. */
export type Proposal =
  | {
      readonly type: 'expect';
      /** The step's key; `loop[*]` stands for every item, `hunt#*` for every round. */
      readonly key: string;
      readonly title: string;
      /** Absent where the step expected nothing. */
      readonly fromMs?: number;
      readonly toMs: number;
    }
  /** The playbook was gone through; the day is `YYYY-MM-DD`. */
  | { readonly type: 'reviewed'; readonly on: string }
  /** Something to think about, as a comment where it belongs. */
  | { readonly type: 'remark'; readonly at: RemarkPlace; readonly text: string };

export type RemarkPlace =
  { readonly step: string; readonly title: string } | { readonly objective: 'rto' | 'rpo' } | 'playbook';

/** The key of a step as it stands in the playbook: whichever item or round it was. */
export const placedKey = (key: string): string =>
  key.replaceAll(/\[[^\]]*\]/g, '[*]').replaceAll(/#\d+/g, '#*');
