/** What programs begin the line with that says why. */
const SAYS_WHY =
  /(?:^|[\s[(])(?:error|err|fatal|panic|critical|exception|abort(?:ed)?)\b|\w(?:Error|Exception)\b/i;
/** What such lines say where they have no such beginning. */
const SOUNDS_WRONG =
  /\b(?:fail(?:ed|ure|s)?|cannot|can't|can not|could not|couldn't|unable to|denied|refused|unbound variable|not found|no such|no space|not permitted|not allowed|invalid|timed out|must be|already exists|does not exist)\b/i;
const SOUNDS_MILD =
  /\bwarn(?:ing)?\b|\bnotice\b|\b(?:no|0|without) errors?\b|\berrors?:? (?:0|none|ignored)\b/i;
/** What `set -x` echoes is a command and no message. */
const TRACE = /^\++ /;

/**
 * Of what a command said the line that most likely tells why it failed: the last that says so, wherever it was
 * written, for many programs write their errors to the standard output; without one, the last line of all.
 */
export function likeliestLine(stdout: string, stderr: string): string {
  const [out, err] = [linesOf(stdout), linesOf(stderr)];
  for (const pattern of [SAYS_WHY, SOUNDS_WRONG]) {
    for (const lines of [err, out]) {
      const found = lines.findLast(
        (line) => pattern.test(line) && !SOUNDS_MILD.test(line) && !TRACE.test(line),
      );
      if (found !== undefined) return found;
    }
  }
  const plain = (line: string): boolean => !TRACE.test(line) && !SOUNDS_MILD.test(line);
  return err.findLast(plain) ?? out.findLast(plain) ?? err.at(-1) ?? out.at(-1) ?? '';
}

/** A terminal shows of a line what came after its last return. */
const linesOf = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.trimEnd().split('\r').at(-1)?.trim() ?? '')
    .filter((line) => line !== '');
