/** What the schemas say beyond JSON Schema. */
export const VOCABULARY = [
  'x-accepts',
  'x-target',
  'x-format',
  'x-plain',
  'x-secret',
  'x-effect',
  'x-effect-note',
  'x-changes',
  'x-background',
  'x-done-by',
  'x-reading',
  'x-errors',
  'x-error-classes',
  'x-debt',
  'x-stays',
  'x-expression',
] as const;
