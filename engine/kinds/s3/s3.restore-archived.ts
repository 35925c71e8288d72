import { humanDuration } from '../../base/human.ts';
import type { Instant } from '../../base/instant.ts';
import type { Json } from '../../base/json.ts';
import { canonicalJson, isJsonObject } from '../../base/json.ts';
import { encodeValue } from '../../base/value.ts';
import type { StepContext, StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { during, pause } from '../context/activity.ts';
import { realRetrieval } from './client/access.ts';
import { aws } from './client/by-hand.ts';
import type { S3Client } from './client/client.ts';
import { openBucket } from './client/client.ts';
import { ARCHIVED, copyObject } from './bulk/copy.ts';
import { UploadLedger } from './bulk/upload-ledger.ts';
import { listObjects } from './client/list.ts';
import { afterwards, reporter, throwFailures } from './bulk/outcome.ts';
import type { Archived } from './bulk/retrieval.ts';
import { requestRetrieval, retrievalState } from './bulk/retrieval.ts';
import type { Selection } from './bulk/selection.ts';
import { readSelection, selectedVersions, selectionWords } from './bulk/selection.ts';
import type { Tally } from './bulk/sweep.ts';
import { sweep } from './bulk/sweep.ts';
import { nameOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';

type Args = With['s3.restore-archived'];
type Result = Output['s3.restore-archived'];

const CONCURRENCY = 32;
const DAYS = 7;
const SHORTEST_POLL_MS = 250;
const LONGEST_POLL_MS = 60_000;

/** Fetches objects from the archive and waits until they can be read: hours, at AWS. */
export const s3RestoreArchived: StepKind<Args, Result> = {
  name: 's3.restore-archived',
  outputs: ['retrieved'],
  effect: () => 'write',
  describe: (args) =>
    `Fetch ${selectionWords(args)} from the archive${args.permanent === true ? ', for good' : ` for ${daysOf(args)} days`}`,
  byHand(args, environment) {
    const { bucket } = args;
    const key = args.key ?? 'KEY';
    const request = `Days=${daysOf(args)},GlacierJobParameters={Tier=${tierOf(args)}}`;
    const place = ['--bucket', nameOf(bucket), '--key', key];
    return [
      aws(environment, bucket, ['s3api', 'restore-object', ...place, '--restore-request', request]),
      aws(environment, bucket, ['s3api', 'head-object', ...place]),
    ].join('\n');
  },
  targets: (args) => [targetUse('buckets', args.bucket, 'write')],

  async run(args, context) {
    const concurrency = args.concurrency ?? CONCURRENCY;
    const client = openBucket(args.bucket, context, { concurrency });
    try {
      return await restoreArchived(args, context, client);
    } finally {
      client.close();
    }
  },

  // What was asked for is under way at S3: running it again asks for the rest and watches on.
  reconcile: () => Promise.resolve({ verdict: 'reattach' }),
};

const daysOf = (args: Args): number => args.days ?? DAYS;
const tierOf = (args: Args): string => args.tier ?? 'Standard';

const PHASES = ['request', 'wait', 'copy'] as const;
type Phase = (typeof PHASES)[number];

/** What all phases work on. */
interface Work {
  readonly args: Args;
  readonly context: StepContext;
  readonly client: S3Client;
  readonly selection: Selection | undefined;
}

async function restoreArchived(args: Args, context: StepContext, client: S3Client): Promise<Result> {
  const isOfVersions = args.versionId !== undefined || args.at !== undefined;
  if (isOfVersions && args.permanent === true) {
    throw new StepError('an older version cannot be made permanent in its place', {
      code: 'usage',
      hint: 'Fetch it without "permanent", then make it current with s3.restore-version.',
    });
  }
  const work: Work = { args, context, client, selection: isOfVersions ? readSelection(args) : undefined };
  const start = reached(work);
  const phases = PHASES.slice(PHASES.indexOf(start.phase), args.permanent === true ? 3 : 2);
  let { tally } = start;
  const waited: { until: Instant | undefined } = { until: undefined };
  for (const phase of phases) tally = await runPhase(phase, work, tally, waited);
  const { requested = 0, bytes = 0, readable = 0, permanent = 0 } = tally;
  return { retrieved: requested, bytes, readable, permanent, until: waited.until ?? null };
}

async function runPhase(
  phase: Phase,
  work: Work,
  before: Tally,
  waited: { until: Instant | undefined },
): Promise<Tally> {
  const { args, context, client } = work;
  const order = { bucket: client.bucket, phase, what: orderOf(args) };
  const ledger = new UploadLedger(context, order, { before: { ...before } });
  const total = phase === 'request' ? undefined : before['requested'];
  const show = reporter(context, phase === 'request' ? 'requests' : 'objects');
  let done = 0;
  const run = () =>
    sweep({
      items: candidates(work, ledger.start.after),
      keyOf: ({ key }) => key,
      work: async (object): Promise<Tally> => {
        const counted = await WORK[phase](object, work, ledger, waited);
        done++;
        return counted;
      },
      concurrency: client.limit.max,
      start: ledger.start,
      save: (mark) => ledger.save(mark),
      context,
      progress: (tally) =>
        show((tally['requested'] ?? 0) + (tally['waited'] ?? 0) + (tally['permanent'] ?? 0), total),
    });
  const swept = await afterwards(
    phase === 'wait' ? waiting(work, before, run) : run(),
    () => phase !== 'request' || done > 0,
  );
  throwFailures(swept, ['requested', 'waited', 'permanent'], 'fetched from the archive');
  return { ...before, ...swept.tally };
}

const WORK: Readonly<
  Record<
    Phase,
    (
      object: Candidate,
      work: Work,
      ledger: UploadLedger,
      waited: { until: Instant | undefined },
    ) => Promise<Tally>
  >
> = {
  async request(object, { args, client }) {
    if (!object.isArchived) return { readable: 1 };
    await requestRetrieval(client, object, { days: daysOf(args), tier: tierOf(args) });
    return { requested: 1, bytes: object.size, [object.storageClass]: 1 };
  },

  async wait(object, { context, client }, _ledger, waited) {
    if (!object.isArchived) return {};
    const start = context.clock.monotonic();
    for (;;) {
      const found = await retrievalState(client, object);
      if (found.state === 'archived') throw expired(object);
      if (found.state === 'readable') {
        const { until } = found;
        if (
          until !== undefined &&
          (waited.until === undefined || until.epochMicros < waited.until.epochMicros)
        )
          waited.until = until;
        return { waited: 1 };
      }
      const passed = context.clock.monotonic() - start;
      await pause(context, Math.min(LONGEST_POLL_MS, Math.max(SHORTEST_POLL_MS, passed / 10)));
    }
  },

  async copy(object, { args, client }, ledger) {
    if (!object.isArchived) return {};
    const storageClass = args.storageClass ?? 'STANDARD';
    await copyObject(client, { from: client, ...object }, { storageClass, uploads: ledger });
    return { permanent: 1 };
  },
};

const expired = ({ key }: Archived): StepError =>
  new StepError(`${key} is in the archive, and nothing is under way to fetch it`, {
    code: 'InvalidObjectState',
    hint: 'The readable copy may have expired, or the request was refused. Run the step again.',
  });

function waiting<T>({ args, context }: Work, requested: Tally, run: () => Promise<T>): Promise<T> {
  const tier = tierOf(args);
  const found = [...ARCHIVED].filter((storageClass) => (requested[storageClass] ?? 0) > 0);
  // An order that an older drillbook gave does not say of which classes.
  const real = realRetrieval(context.environment, tier, found.length > 0 ? found : [...ARCHIVED]);
  const reason = `S3 fetches from the archive (tier ${tier})`;
  if (real === undefined) return during(context, { class: 'external', reason }, run);
  const { length, source } = real;
  context.log(`${reason}: at AWS it would take up to ${humanDuration(length.millis)} (${source})`);
  return during(
    context,
    { class: 'external', reason, modelledMs: Math.round(length.millis), modelledBy: source },
    run,
  );
}

interface Candidate extends Archived {
  readonly storageClass: string;
  readonly isArchived: boolean;
}

/** The objects that are meant, in key order; those that can be read at once among them. */
async function* candidates(
  { args, client, selection }: Work,
  after: string | undefined,
): AsyncGenerator<Candidate, void, void> {
  if (selection !== undefined) {
    for await (const { then } of selectedVersions(client, selection, after)) {
      if (then !== undefined) yield { ...then, isArchived: ARCHIVED.has(then.storageClass) };
    }
    return;
  }
  const { key } = args;
  const prefix = key ?? args.prefix;
  if (prefix === undefined)
    throw new StepError('Say either "key" or "prefix"; the whole bucket is the prefix "".', {
      code: 'usage',
    });
  for await (const object of listObjects(client, { prefix, after })) {
    if (key !== undefined && object.key !== key) return;
    yield { ...object, isArchived: ARCHIVED.has(object.storageClass) };
  }
}

const orderOf = (args: Args): readonly Json[] =>
  (['key', 'prefix', 'versionId', 'at', 'days', 'tier', 'permanent', 'storageClass'] as const).map((name) =>
    encodeValue(args[name] ?? null),
  );

/** Where an earlier life came to; a retry with other values begins anew. */
function reached({ args, context, client }: Work): { readonly phase: Phase; readonly tally: Tally } {
  const { checkpoint } = context;
  const order = isJsonObject(checkpoint) ? checkpoint['order'] : undefined;
  const phase = PHASES.find((name) => isJsonObject(order) && order['phase'] === name);
  const wanted = { bucket: client.bucket, phase: phase ?? 'request', what: orderOf(args) };
  if (phase === undefined || canonicalJson(order ?? null) !== canonicalJson(wanted))
    return { phase: 'request', tally: {} };
  const { before } = new UploadLedger(context, wanted).facts;
  const counted = Object.entries(isJsonObject(before) ? before : {}).map(
    ([name, count]) => [name, Number(count)] as const,
  );
  return { phase, tally: Object.fromEntries(counted) };
}
