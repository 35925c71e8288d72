/**
 * Groups of tables in the order in which rows can be put in: parents before children. Tables that refer to each
 * other in a circle are one group (Tarjan's strongly connected components, which come out in that order).
 */
export function insertOrder(
  tables: readonly string[],
  references: readonly { readonly child: string; readonly parent: string }[],
): readonly (readonly string[])[] {
  const groups: string[][] = [];
  const index = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];

  function visit(table: string): void {
    const mine = index.size;
    index.set(table, mine);
    lowest.set(table, mine);
    open.push(table);
    for (const { child, parent } of references) {
      if (child !== table || !tables.includes(parent)) continue;
      if (!index.has(parent)) visit(parent);
      if (open.includes(parent)) {
        lowest.set(table, Math.min(lowest.get(table) ?? mine, lowest.get(parent) ?? mine));
      }
    }
    if (lowest.get(table) === mine) groups.push(open.splice(open.indexOf(table)).sort());
  }

  for (const table of tables) if (!index.has(table)) visit(table);
  return groups;
}
