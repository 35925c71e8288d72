/** Every millisecond of a run belongs to one of these. */
export type TimeClass = 'machine' | 'human' | 'external' | 'retry' | 'down';

export const TIME_CLASSES = [
  'machine',
  'human',
  'external',
  'retry',
  'down',
] as const satisfies readonly TimeClass[];
