import { TIME_CLASSES } from '../../model/time-class.ts';
import { CLASS_WORDS } from '../labels.ts';
import { markup, trusted } from './html.ts';
import type { Html } from './html.ts';

/** What is drawn in pictures besides bars of time. */
const SIGNS = {
  answered: {
    drawn: '<path d="M5 .5 9.5 5 5 9.5 .5 5Z" fill="var(--page)" stroke="var(--text)" />',
    words: 'question answered',
  },
  attemptFailed: {
    drawn: '<path d="m1 1 8 8M9 1 1 9" stroke="var(--bad)" stroke-width="2" />',
    words: 'attempt failed',
  },
  met: { drawn: '<circle cx="5" cy="5" r="4" fill="var(--good)" />', words: 'met' },
  notMet: {
    drawn: '<path d="m1 1 8 8M9 1 1 9" stroke="var(--bad)" stroke-width="2" />',
    words: 'missed, or not shown',
  },
  target: {
    drawn: '<path d="M0 5h10" stroke="var(--text)" stroke-width="1.5" stroke-dasharray="3 2" />',
    words: 'what is promised',
  },
} as const;

/** What the colours and signs of pictures mean. */
export const legend = (...signs: readonly (keyof typeof SIGNS)[]): Html =>
  markup`<ul class="legend">
${TIME_CLASSES.map((name) => markup`<li><span class="swatch ${name}"></span> ${CLASS_WORDS[name]}</li> `)}
${signs.map(
  (sign) => markup`<li>
<svg viewBox="0 0 10 10" aria-hidden="true">
${trusted(SIGNS[sign].drawn)}
</svg>
${SIGNS[sign].words}
</li>
`,
)}</ul>`;
