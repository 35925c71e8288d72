import type { GateAnswered } from '../../model/event.ts';
import { approversIn } from '../../model/people.ts';
import type { ApprovalGiven, ApprovalsAsked } from '../../model/approval.ts';
import type { AnswerName } from '../../model/ports.ts';
import type { RunContext } from '../life/context.ts';
import type { Job, Resolved } from '../life/job.ts';
import { recordOf } from '../life/job.ts';
import { closeQuestion } from './ask.ts';
import type { Decision } from './ask.ts';

/** Who closed a gate whose approvals have run out. */
const EXPIRED = 'expired';

type Ask = (approvals: ApprovalsAsked | undefined, closed?: AbortSignal) => Promise<Decision | undefined>;

/**
 * Asks a gate again with each approval that comes, and when one has run out, until it has its answer. Time never
 * approves: what has run out takes the go away again.
 */
export async function askApproved(job: Job, resolved: Resolved, ask: Ask): Promise<Decision | undefined> {
  for (;;) {
    const approvals = approvalsAsked(job, resolved);
    if (approvals === undefined) return ask(undefined);
    const { closed, done } = atFirstEnd(job.run, approvals.have);
    try {
      const decision = await ask(approvals, closed);
      if (decision !== undefined && decision.answer !== 'approve') return decision;
      if (decision === undefined) await closeQuestion(job.run, job.key, 'closed', EXPIRED);
    } finally {
      done();
    }
  }
}

function approvalsAsked({ step, run, key }: Job, { digest }: Resolved): ApprovalsAsked | undefined {
  const asked = step.confirm?.approvals;
  if (asked === undefined) return undefined;
  const now = run.options.clock.now().epochMicros;
  const given = run.log.state.askings.approvals.get(key) ?? [];
  return {
    ...asked,
    digest,
    people: approversIn(run.options.environment.data, asked.of).map(({ name }) => name),
    have: given.flatMap((each) => (each.digest === digest ? givenIn(each, now) : [])),
  };
}

const givenIn = ({ by, sent, until = 0 }: GateAnswered, now: number): readonly ApprovalGiven[] =>
  sent !== undefined && until > now ? [{ by, message: sent.message, until }] : [];

/** Aborts when the first of them has run out. */
function atFirstEnd({ options: { clock } }: RunContext, have: readonly ApprovalGiven[]) {
  const over = new AbortController();
  const ended = new AbortController();
  if (have.length > 0) {
    const end = Math.min(...have.map(({ until }) => until));
    void clock
      .sleep(Math.max(0, (end - clock.now().epochMicros) / 1000), over.signal)
      .then(() => {
        if (!over.signal.aborted) ended.abort(new Error('an approval has run out'));
      })
      .catch(() => undefined);
  }
  return { closed: ended.signal, done: () => over.abort() };
}

/** In earnest nobody goes ahead without them; an exercise goes on, and the operator's go stands in for them. */
export function mayBeSaid(run: RunContext, choice: AnswerName, asked: ApprovalsAsked | undefined): boolean {
  if (asked === undefined || run.options.mode !== 'recover') return true;
  return (choice !== 'go' && choice !== 'byHand') || asked.have.length >= asked.count;
}

/** A go that rests on approvals is good for one try, and as long as they are. */
export function isUsedUp(job: Job, { answer, until }: GateAnswered): boolean {
  if (answer !== 'go' || job.step.confirm?.approvals === undefined || job.run.options.mode !== 'recover')
    return false;
  const { failure } = recordOf(job) ?? {};
  return failure !== undefined || until === undefined || until <= job.run.options.clock.now().epochMicros;
}
