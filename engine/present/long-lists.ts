/** Rows beyond that have no digit that takes them, and are too many to look over: they are filtered by typing. */
export const LONG = 9;

/** The numbers of the rows in which each word occurs that was typed, whatever its case. */
export function matching(rows: readonly string[], typed: string): readonly number[] {
  const words = typed.toLowerCase().split(/\s+/);
  return rows.flatMap((row, at) => {
    const text = row.toLowerCase();
    return words.every((word) => text.includes(word)) ? [at] : [];
  });
}
