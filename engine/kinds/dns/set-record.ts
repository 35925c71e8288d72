import { isJsonObject } from '../../base/json.ts';
import type { Reconciliation, StepContext } from '../../model/kind.ts';
import type { DnsRecord, RecordArgs } from './record.ts';
import { isSameRecord, recordIn, recordOutput, theOnly, wantedRecord } from './record.ts';

/** What a provider of DNS can do for one name. */
export interface RecordKeeper<T extends DnsRecord> {
  /** Those of the name that lead somewhere: A, AAAA, CNAME. */
  read(): Promise<readonly T[]>;
  /** Resolves when it is answered everywhere at the provider. */
  write(wanted: DnsRecord, before: T | undefined): Promise<void>;
}

type Result = ReturnType<typeof recordOutput>;

/** Sets the record, unless it is so already; what it was is known after a crash too. */
export async function setRecord<T extends DnsRecord>(
  args: RecordArgs,
  context: StepContext,
  keeper: RecordKeeper<T>,
): Promise<Result> {
  const wanted = wantedRecord(args);
  const before = theOnly(args.name, await keeper.read());
  if (isSameRecord(before, wanted)) return recordOutput(args.name, wanted, previousOf(context) ?? before);
  await context.saveCheckpoint({
    previous: before === undefined ? null : { type: before.type, content: before.content, ttl: before.ttl },
  });
  await keeper.write(wanted, before);
  return recordOutput(args.name, wanted, before);
}

export async function reconcileRecord<T extends DnsRecord>(
  args: RecordArgs,
  context: StepContext,
  keeper: RecordKeeper<T>,
): Promise<Reconciliation<Result>> {
  const wanted = wantedRecord(args);
  const now = theOnly(args.name, await keeper.read());
  if (!isSameRecord(now, wanted)) return { verdict: 'notHappened' };
  return { verdict: 'happened', output: recordOutput(args.name, wanted, previousOf(context)) };
}

function previousOf({ checkpoint }: StepContext): DnsRecord | undefined {
  return isJsonObject(checkpoint) ? recordIn(checkpoint['previous']) : undefined;
}
