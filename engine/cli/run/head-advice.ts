import { invocation } from '../invocation.ts';

/** What to do with a head that is printed: without it, whoever may write to the store can write all of it anew. */
export const NOTE_IT = `Note it where nobody writes to this store; ${invocation('audit --verify --head HASH')} holds the store against it.`;
