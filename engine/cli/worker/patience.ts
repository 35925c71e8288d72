import { isJsonObject } from '../../base/json.ts';
import type { Event } from '../../model/event.ts';

/**
 * How long the process of a run waits for an answer from elsewhere. After that the run rests, and costs nothing: what
 * is said to it later wakes it.
 */
const PATIENCE_MS = 10_000;

/** Watches what happens in a run: whether something is asked that nobody answers. `rest`: told what. */
export function watchQuestions(rest: (asks: string) => void): (event: Event) => void {
  const waiting = new Map<string, NodeJS.Timeout>();
  return (event) => {
    if (event.type === 'gate.opened') {
      const { title } = isJsonObject(event.question) ? event.question : {};
      const asks = typeof title === 'string' ? title : event.key;
      waiting.set(event.gate, setTimeout(() => rest(asks), PATIENCE_MS).unref());
    } else if (event.type === 'gate.answered') {
      clearTimeout(waiting.get(event.gate));
      waiting.delete(event.gate);
    }
  };
}
