import { createSecretResolver } from '../../kinds/environment/secrets.ts';
import { cloudEventOf } from '../../measure/cloud-events.ts';
import { tellable } from '../../model/blind.ts';
import { tellsEvents } from '../../model/cloud-event.ts';
import type { Environment } from '../../model/environment.ts';
import type { Event } from '../../model/event.ts';
import { systemClock } from '../clock.ts';
import type { Outbox } from './outbox.ts';
import type { Session } from './session.ts';

/**
 * Tells the address of the environment what happens in a run, that which happened before too: after a kill nobody knows
 * what arrived, and by its id whoever gets it twice knows it again. Undefined where no address is named.
 */
export async function tellEvents(session: Session, environment: Environment): Promise<Outbox | undefined> {
  if (!tellsEvents(environment)) return undefined;
  const { Outbox } = await import('./outbox.ts');
  const secrets = createSecretResolver(
    () => environment,
    (secret) => session.redactor.add(secret),
  );
  const outbox = new Outbox({ environment, secrets, clock: systemClock });
  const tell = (event: Event): void => {
    const told = cloudEventOf(event, session.events);
    if (told !== undefined) outbox.offer(told);
  };
  tellable(session.events).forEach(tell);
  session.hear(tell);
  return outbox;
}
