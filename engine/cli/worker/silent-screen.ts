import { createUnattendedOperator } from '../../present/unattended.ts';
import type { Screen } from '../run/screen.ts';

/** For a run that is only begun here: nobody is asked, and nothing is shown. */
export const silentScreen = (): Screen => ({
  view: { event: () => undefined, signal: () => undefined },
  unattended: true,
  json: false,
  tell: () => undefined,
  operator: (answers, { name }) => createUnattendedOperator(answers, `${name} (unattended)`),
  forecastFrom: () => undefined,
  close: () => undefined,
});
