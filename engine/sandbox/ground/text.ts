/** The value when it is a text, else undefined: for members of JSON and of arguments. */
export const asText = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** What an error says, without its class. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
