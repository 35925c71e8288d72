/** Methods that change nothing by their definition (RFC 9110, 9.2.1). */
export const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Methods that are there to change something (RFC 9110, 9.3; RFC 5789). What POST does is the receiver's to say. */
export const CHANGING_METHODS: ReadonlySet<string> = new Set(['PUT', 'PATCH', 'DELETE']);
