/** Macros whose first argument is a name for the items of a list. */
export const COMPREHENSIONS: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);

/** Methods of what may be missing. */
export const OPTIONAL_METHODS: ReadonlySet<string> = new Set(['orValue', 'or', 'hasValue']);
