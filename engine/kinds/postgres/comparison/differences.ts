export interface Difference {
  /** `column public.users.email`. */
  readonly object: string;
  /** Its definition; null where it is not there. */
  readonly left: string | null;
  readonly right: string | null;
}

/** What is on one side only, or defined otherwise, in the order of the names. */
export const differencesOf = (
  left: ReadonlyMap<string, string>,
  right: ReadonlyMap<string, string>,
): readonly Difference[] =>
  [...new Set([...left.keys(), ...right.keys()])]
    .sort()
    .map((object) => ({ object, left: left.get(object) ?? null, right: right.get(object) ?? null }))
    .filter((difference) => difference.left !== difference.right);
