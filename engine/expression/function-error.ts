/** Something that a function of the language refuses, in words for the writer of the expression. */
export class FunctionError extends Error {
  override readonly name = 'FunctionError';
}
