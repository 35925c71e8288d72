/** Each comparison takes about a microsecond, and a file may have thousands of wrong names among thousands of right ones. */
const MOST_COMPARED = 500;

/**
 * The candidate that was probably meant, for «Did you mean …?»; undefined when none is
 * close among the first 500. Close is a third of the length in edits, at least one; a difference in case is none.
 */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let least = Math.max(1, Math.floor(name.length / 3)) + 1;
  let compared = 0;
  for (const candidate of candidates) {
    if (++compared > MOST_COMPARED) break;
    if (Math.abs(candidate.length - name.length) >= least) continue;
    const edits = distance(wanted, candidate.toLowerCase(), least);
    if (edits < least && edits < Math.max(name.length, candidate.length)) {
      best = candidate;
      least = edits;
    }
  }
  return best;
}

/**
 * Edits from one text to the other: a letter put in, taken out, changed, or two neighbours
 * swapped (optimal string alignment). A swap is one slip of the fingers and counts as one.
 * From the limit on nobody asks how many: any number that is not below it will do.
 */
function distance(a: string, b: string, limit: number): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      let edits = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        edits = Math.min(edits, at(beforeLast, j - 2) + 1);
      }
      row.push(edits);
    }
    if (Math.min(...row) >= limit && Math.min(...last) >= limit) return limit;
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
}

const at = (row: readonly number[], index: number): number => row[index] ?? Infinity;
