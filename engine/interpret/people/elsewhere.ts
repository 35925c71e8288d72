import type { AnswerSaid, ApprovalSaid, Message, Said, Sent } from '../../model/message.ts';
import { readSaid, statementOf } from '../../model/message.ts';
import type { Answer, Question } from '../../model/ports.ts';
import type { RunContext } from '../life/context.ts';
import { Refused, answerTo, approvalTo, senderOf } from './judge.ts';

const ofRuns = new WeakMap<RunContext, Elsewhere>();

/** What people say to this life of a run from elsewhere: the same for all its branches. */
export function elsewhereOf({ root }: RunContext): Elsewhere {
  const known = ofRuns.get(root) ?? new Elsewhere(root);
  ofRuns.set(root, known);
  return known;
}

/** The question that is being asked now. */
interface Asked {
  readonly gate: string;
  readonly question: Question;
  readonly take: (answer: Answer) => void;
}

/** How long one waits before an inbox that could not be read is read again. */
const AGAIN_MS = 1000;

/**
 * Reads the inbox of the run for as long as the run lives. What is said counts by going into the journal, with the
 * answer that it gave or as refused, and so is never looked at twice: whatever dies in between, the message is still
 * there. The first answer that may be given counts; one that comes too late is refused, and so is told.
 */
export class Elsewhere {
  readonly #run: RunContext;
  readonly #over = new AbortController();
  /** Said to questions that will be asked again, or taken and not written down yet. */
  #held: Message[] = [];
  #asked: Asked | undefined;
  #reading: Promise<void> = Promise.resolve();

  constructor(run: RunContext) {
    this.#run = run;
  }

  begin(): void {
    const { inbox, mode } = this.#run.options;
    // Whatever a tabletop is asked is said aloud.
    if (inbox !== undefined && mode !== 'tabletop') this.#reading = this.#read(inbox);
  }

  async end(): Promise<void> {
    this.#over.abort();
    await this.#reading;
  }

  /** Resolves with the first answer from elsewhere that counts, unless the signal aborts before. */
  answer(asked: Omit<Asked, 'take'>, signal: AbortSignal): Promise<Answer> {
    return new Promise((resolve) => {
      const forget = (): void => {
        if (this.#asked === mine) this.#asked = undefined;
      };
      const mine: Asked = {
        ...asked,
        take: (answer) => {
          forget();
          resolve(answer);
        },
      };
      this.#asked = mine;
      signal.addEventListener('abort', forget, { once: true });
      this.look();
    });
  }

  /** Looks again at what was said before it could be judged. */
  look(): void {
    const held = this.#held;
    this.#held = [];
    for (const message of held) this.#take(message);
  }

  async #read(inbox: NonNullable<RunContext['options']['inbox']>): Promise<void> {
    const { signal } = this.#over;
    const { clock } = this.#run.options;
    while (!signal.aborted) {
      try {
        for await (const message of inbox.messages(signal)) this.#take(message);
      } catch {
        // The run does not depend on it: its journal says when its store is gone.
        await clock.sleep(AGAIN_MS, signal);
      }
    }
  }

  #take(message: Message): void {
    const { heard } = this.#run.log.state.askings;
    if (heard.has(message.id) || this.#held.some(({ id }) => id === message.id)) return;
    const said = readSaid(message.body);
    try {
      if ('problem' in said) throw new Refused(said.problem);
      const person = senderOf(said, this.#run.options.runId, this.#run.options.environment.data);
      const answer = said.type === 'approval' ? this.#approval(said, person) : this.#answer(said, person);
      // Taken or held, until it is written down: the operator may have been first in the same moment.
      this.#held.push(message);
      if (answer !== undefined)
        this.#asked?.take({ ...answer, from: { person, sent: sentAs(message, said) } });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#refuse(message, said, error.message);
    }
  }

  /** Undefined for one to a question that will be asked again. */
  #answer(said: AnswerSaid, person: string): Omit<Answer, 'from'> | undefined {
    const { askings } = this.#run.log.state;
    if (!askings.isOpen(said.gate)) throw new Refused(askings.whyClosed(said.gate));
    const asked = this.#asked;
    if (asked === undefined || !askings.isSame(asked.question.key, said.gate, asked.gate)) return undefined;
    return answerTo(asked.question, said, person);
  }

  /** The same of one that is bound to a step, whatever gate it waits at. */
  #approval(said: ApprovalSaid, person: string): Omit<Answer, 'from'> | undefined {
    const { log, options } = this.#run;
    const { askings } = log.state;
    if (!askings.isAsked(said.step)) throw new Refused('nothing of that name waits to be approved');
    if (said.proof !== undefined && askings.signatures.has(said.proof.signature))
      throw new Refused('it was used already');
    if (this.#asked?.question.key !== said.step) return undefined;
    const { question } = this.#asked;
    return approvalTo(question, said, { person, drivers: askings.drivers, now: options.clock.now() });
  }

  #refuse({ id, account }: Message, said: ReturnType<typeof readSaid>, reason: string): void {
    const who = 'problem' in said ? {} : { by: said.by, ...(said.type === 'answer' && { gate: said.gate }) };
    this.#run.log.state.askings.heard.add(id);
    this.#run.log.write({ type: 'message.refused', message: id, account, ...who, reason });
  }
}

function sentAs({ id, account }: Message, said: Said): Sent {
  const { proof } = said;
  return {
    message: id,
    account,
    ...(proof !== undefined && { statement: statementOf(said), proof: { ...proof } }),
  };
}
