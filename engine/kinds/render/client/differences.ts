/** One thing that two of a kind do not have in common, for people. */
export interface Difference {
  readonly setting: string;
  readonly wanted: string;
  readonly found: string;
}

/** `region: virginia instead of oregon; …` */
export const differencesText = (differences: readonly Difference[]): string =>
  differences.map(({ setting, wanted, found }) => `${setting}: ${found} instead of ${wanted}`).join('; ') ||
  'no difference';
