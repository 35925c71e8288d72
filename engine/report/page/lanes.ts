import type { Span, Spans } from '../../measure/spans.ts';

/** A span, or several that are too short to be seen one by one. */
export interface Bar extends Omit<Span, 'lane'> {
  readonly row: number;
  /** How many are drawn as this one. */
  readonly many: number;
}

export interface LaneRows {
  readonly key: string;
  /** Its first row, and the one after its last. */
  readonly from: number;
  readonly to: number;
}

export interface Rows {
  readonly bars: readonly Bar[];
  readonly lanes: readonly LaneRows[];
  readonly count: number;
}

/**
 * Puts the spans into rows: a lane has as many as it had steps at once. `unseen`: up to this length (microseconds)
 * spans of one class that follow each other are drawn as one.
 */
export function inRows({ lanes, spans }: Spans, unseen: number): Rows {
  const byLane = new Map(lanes.map(({ key }) => [key, new Array<Span>()]));
  for (const span of spans) byLane.get(span.lane)?.push(span);
  const bars: Bar[] = [];
  const laneRows: LaneRows[] = [];
  let row = 0;
  for (const [key, own] of byLane) {
    const packed = pack(own);
    packed.forEach((spansOfRow, index) => bars.push(...merged(spansOfRow, row + index, unseen)));
    laneRows.push({ key, from: row, to: row + Math.max(1, packed.length) });
    row += Math.max(1, packed.length);
  }
  return { bars, lanes: laneRows, count: row };
}

/** Each into the first row that is free by then; what belongs to one step stays in its row. */
function pack(spans: readonly Span[]): readonly (readonly Span[])[] {
  const rows: Span[][] = [];
  const rowOf = new Map<string, number>();
  for (const span of spans.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
    const isFree = (row: readonly Span[] | undefined): boolean => (row?.at(-1)?.to ?? 0) <= span.from;
    const own = rowOf.get(span.key);
    const at = own !== undefined && isFree(rows[own]) ? own : rows.findIndex(isFree);
    const row = at === -1 ? rows.push([]) - 1 : at;
    rows[row]?.push(span);
    rowOf.set(span.key, row);
  }
  return rows;
}

function merged(spans: readonly Span[], row: number, unseen: number): readonly Bar[] {
  const bars: Bar[] = [];
  for (const { key, title, spentAs, from, to } of spans) {
    const last = bars.at(-1);
    const isAlike = last?.spentAs === spentAs && from - last.to < unseen;
    if (last !== undefined && isAlike && to - last.from < unseen) {
      bars[bars.length - 1] = { ...last, to, many: last.many + (last.key === key ? 0 : 1) };
    } else bars.push({ key, title, spentAs, from, to, row, many: 1 });
  }
  return bars;
}
