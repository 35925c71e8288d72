import type { Json } from '../../base/json.ts';
import type { Ledger } from '../../journal/store.ts';
import { unsentAlerts } from '../../measure/alerts.ts';
import type { Untold } from '../../measure/alerts.ts';
import { alertEvent } from '../../measure/cloud-events.ts';
import { tellsEvents } from '../../model/cloud-event.ts';
import { StepError } from '../../model/kind.ts';
import { createSecretResolver } from '../../kinds/environment/secrets.ts';
import type { Bench } from './step.ts';

/**
 * Sends what the address for events has still to be told of alerts, in the order in which it came up. What is not taken
 * is sent at the next evaluation, and so is what was taken by one that died before it could note that.
 */
export async function sendAlertEvents(ledger: Ledger, bench: Bench): Promise<readonly Untold[]> {
  const { environment, signal, onReveal } = bench;
  if (!tellsEvents(environment)) return [];
  const unsent = unsentAlerts(await ledger.read(), environment.name);
  if (unsent.length === 0) return [];
  const { eventAddress, sendEvent } = await import('../../kinds/notify/cloud-events.ts');
  const secrets = createSecretResolver(() => environment, onReveal);
  const untold = (text: Json | undefined, why: string) => [
    { channel: 'events', text: typeof text === 'string' ? text : '', why },
  ];
  try {
    const to = await eventAddress(environment, secrets, signal);
    for (const { entry, number } of unsent) {
      const refused = await sendEvent(alertEvent(entry, number), to, signal);
      if (refused !== undefined) return untold(entry.body['text'], refused.why);
      await ledger.append({ type: 'event.sent', body: { entry: number } });
    }
    return [];
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof StepError) return untold(unsent[0]?.entry.body['text'], error.message);
    throw error;
  }
}
