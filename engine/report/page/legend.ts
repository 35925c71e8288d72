import { TIME_CLASSES } from '../../model/time-class.ts';
import { CLASS_WORDS } from '../labels.ts';
import { markup } from './html.ts';
import type { Html } from './html.ts';

/** What the colours and signs of the timeline mean. */
export const legend = (): Html =>
  markup`<ul class="legend">
${TIME_CLASSES.map((name) => markup`<li><span class="swatch ${name}"></span> ${CLASS_WORDS[name]}</li> `)}
<li>
<svg viewBox="0 0 10 10" aria-hidden="true">
<path d="M5 .5 9.5 5 5 9.5 .5 5Z" fill="var(--page)" stroke="var(--text)" />
</svg>
question answered
</li>
<li>
<svg viewBox="0 0 10 10" aria-hidden="true">
<path d="m1 1 8 8M9 1 1 9" stroke="var(--bad)" stroke-width="2" />
</svg>
attempt failed
</li>
</ul>`;
