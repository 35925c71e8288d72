/**
 * What a journal says, fit for one line of a terminal: texts of other systems may hold line
 * ends and control characters, which could rewrite what stands above them.
 */
export const oneLine = (text: string): string =>
  text.replaceAll(/[\s\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim();

/** Columns, counting each character as one. */
export const widthOf = (text: string): number => Array.from(text).length;

export const pad = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - widthOf(text)));

export const padLeft = (text: string, width: number): string =>
  ' '.repeat(Math.max(0, width - widthOf(text))) + text;

/** The first line begins with `head`; the others stand below its end. A word longer than a line stays whole. */
export function paragraph(head: string, text: string, width: number): string[] {
  const indent = ' '.repeat(widthOf(head));
  const lines: string[] = [];
  let line = '';
  for (const word of oneLine(text).split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && indent.length + widthOf(longer) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line].map((each, index) => `${index === 0 ? head : indent}${each}`.trimEnd());
}

/** Columns as wide as their widest cell; the last may wrap. Indented by two. */
export function table(rows: readonly (readonly string[])[], width: number): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => widthOf(row[column] ?? ''))),
  );
  return rows.flatMap((row) => {
    const head = row.slice(0, -1).map((cell, column) => `${pad(cell, widths[column] ?? 0)}  `);
    return paragraph(`  ${head.join('')}`, row.at(-1) ?? '', width);
  });
}
