/** A moment as HTTP headers have it: `Wed, 21 Oct 2015 07:28:00 GMT`. */
export const httpDate = (date: Date): string => date.toUTCString();

/** The moment in a header; undefined when there is none, or none that can be read. */
export function readDate(header: string | undefined): Date | undefined {
  const date = new Date(header ?? '');
  return Number.isNaN(date.getTime()) ? undefined : date;
}
