import { invocation } from '../invocation.ts';
import { sayCommand } from '../terminal.ts';

/** Says what to do with a head that is printed: without it, whoever may write to the store can write all of it anew. */
export const adviseNoting = (indent: string, write?: (text: string) => void): void =>
  sayCommand(
    `${indent}Note it where nobody writes to this store; this holds the store against it:`,
    invocation('audit --verify --head HASH'),
    write,
  );
