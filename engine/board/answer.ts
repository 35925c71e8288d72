import { randomUUID } from 'node:crypto';
import type { Context } from 'hono';
import type { JsonObject } from '../base/json.ts';
import { oneLine } from '../base/text.ts';
import type { AnswerName } from '../model/ports.ts';
import { needsReason } from '../model/ports.ts';
import type { Passed, Refusal } from './guard.ts';
import { refuse } from './guard.ts';
import type { BoardOptions } from './ports.ts';
import { askedNow, choicesOf, inputType, valuesIn } from './question.ts';

/** Takes what somebody answered, and leaves it in the inbox of the run: whether it counts, its one writer decides. */
export async function answer(
  context: Context<Passed>,
  run: string,
  { runs, clock, person, tell }: BoardOptions,
): Promise<Response> {
  const no = (status: Refusal, why: string): Response => refuse(context, status, why, `/runs/${run}`);
  const form = texts(await context.req.parseBody());
  if (form['form'] !== context.get('session').form) return no(403, 'That form is of another session.');
  const events = await runs.read(run);
  const asked = events === undefined ? undefined : askedNow(events);
  if (events === undefined || asked === undefined || asked.gate !== form['gate'])
    return no(409, 'Somebody was first, or the run went on: look at it once more.');
  if ((await runs.standing(events, person)) !== 'known')
    return no(403, `${person} cannot answer this run from here.`);
  const chosen = choicesOf(asked, person).find((choice) => choice === form['answer']);
  if (chosen === undefined || (chosen === 'value' && inputType(asked) === 'secret'))
    return no(422, 'That cannot be answered to it.');
  const reason = form['reason']?.trim() ?? '';
  if (reason === '' && needsReason(chosen as AnswerName))
    return no(422, 'It needs a reason: go back, and say why.');
  const read = valuesIn(asked, chosen, form, clock.now());
  if ('problem' in read) return no(422, read.problem);
  const body: JsonObject = {
    ...{ type: 'answer', run, by: person, gate: asked.gate, answer: chosen },
    ...(reason !== '' && { reason }),
    ...(Object.keys(read.values).length > 0 && { values: read.values }),
  };
  await runs.say(run, randomUUID(), body);
  tell(`${person} answers ${chosen} to "${oneLine(asked.key)}" of ${run}.`);
  return context.redirect(`/runs/${run}`, 303);
}

/** A form is words by their names; of a name that is given twice the last counts. */
function texts(body: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(body).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
}
