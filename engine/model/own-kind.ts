/** Kinds of a user's own are of this family. drillbook has no kind of it and never will. */
export const OWN_FAMILY = 'own.';

export const isOwnKindName = (name: string): boolean => /^own\.[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name);

/** The code of a kind of a user's own. */
export interface OwnKindFile {
  /** As `uses` names it: `own.rotate-key`. */
  readonly name: string;
  readonly path: string;
  /** Of the bytes of the file, in hexadecimal: what the policy of an environment names. */
  readonly sha256: string;
}
