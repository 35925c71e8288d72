import { humanDuration } from '../../base/human.ts';
import { oneLine } from '../../base/text.ts';
import type { ClassTimes, TimeBreakdown } from '../../measure/time.ts';
import { TIME_CLASSES } from '../../model/time-class.ts';
import { markup } from './html.ts';
import type { Html } from './html.ts';

/** Where the time went: the whole as one bar of its classes, and below it each phase as its part of the whole. */
export function shareBars(
  { totalMicros, classes, phases }: TimeBreakdown,
  titles: ReadonlyMap<string, string>,
): Html {
  if (totalMicros === 0) return markup``;
  return markup`<div class="shares">
${stack('Altogether', classes, totalMicros, totalMicros)}
${phases.map(({ key, title, micros, classes: own }) => stack(titles.get(key) ?? title, own, micros, totalMicros))}
</div>`;
}

/** A bar of its classes, as long as its part of the whole. */
export function stack(title: string, classes: ClassTimes, micros: number, whole: number): Html {
  const parts = TIME_CLASSES.filter((name) => classes[name] > 0);
  const said = parts.map((name) => `${name} ${humanDuration(classes[name] / 1000)}`).join(', ');
  return markup`<div class="share">
<span class="name">${oneLine(title)}</span>
<span class="stack" role="img" aria-label="${said}" title="${said}">${parts.map((name) => markup`<span class="${name}" style="width:${((classes[name] / whole) * 100).toFixed(2)}%"></span>`)}</span>
<span class="length">${humanDuration(micros / 1000)}</span>
</div>`;
}
