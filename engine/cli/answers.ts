import { Instant } from '../base/instant.ts';
import { decodeValue, isValueMap, valueMap, wholeNumber } from '../base/value.ts';
import type { Value, ValueMap } from '../base/value.ts';
import type { EnvironmentKind } from '../model/environment.ts';
import { asData } from '../model/handle.ts';
import type { Playbook } from '../model/playbook.ts';
import { answerable } from '../load/answers.ts';
import { readSource } from '../load/read-source.ts';
import { CommandError, EXIT } from './exit.ts';
import { printDiagnostic } from './terminal.ts';

/** Answers from a file: a map by input name, step id, or `*` for every gate. Times with an offset become moments. */
export async function readAnswers(path: string | undefined): Promise<ValueMap> {
  if (path === undefined) return {};
  const source = await readSource(path);
  if (!source.ok) {
    printDiagnostic(source.error);
    throw new CommandError('the answers could not be read; nothing was changed', { exitCode: EXIT.invalid });
  }
  const { parseDocument } = await import('yaml');
  let parsed: Value;
  try {
    const document = parseDocument(source.value.text, { intAsBigInt: true });
    const [problem] = [...document.errors, ...document.warnings];
    if (problem !== undefined) throw problem;
    parsed = document.toJS({ maxAliasCount: 0 }) as Value;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new CommandError(`${path} is not YAML: ${message}`, { exitCode: EXIT.invalid });
  }
  const answers = asData(asValues(decodeValue(parsed)));
  if (isValueMap(answers)) return answers;
  throw new CommandError(`${path} must hold a map of answers by input name or step id`, {
    exitCode: EXIT.invalid,
    hint: 'For example: corruptedAt: 2026-11-01T03:12:00Z',
  });
}

/**
 * What may be answered beforehand. On production that is inputs and nothing else: no gate opens itself there. At a
 * tabletop nothing opens.
 */
export function permittedAnswers(
  given: { readonly answers: ValueMap; readonly yes?: boolean | undefined },
  run: {
    readonly environment: EnvironmentKind;
    readonly playbook: Playbook;
    readonly isTabletop?: boolean;
  },
): ValueMap {
  const { playbook, isTabletop = false } = run;
  refuseUnasked(given.answers, playbook, isTabletop);
  if (run.environment !== 'production' || isTabletop) {
    return given.yes === true ? { '*': 'go', ...given.answers } : given.answers;
  }
  if (given.yes === true) {
    throw new CommandError('--yes is never taken on production: each gate is answered by a person', {
      exitCode: EXIT.invalid,
      hint: 'Nothing was changed. Leave --yes away.',
    });
  }
  const inputs = new Set([...playbook.inputs.map(({ name }) => name), ...OPENING_MARKS]);
  return valueMap(Object.entries(given.answers).filter(([key]) => inputs.has(key)));
}

/** An answer that nothing asks for is a slip: what it was meant for would be asked, or stand still, at night. */
function refuseUnasked(answers: ValueMap, playbook: Playbook, isTabletop: boolean): void {
  const asked = answerable(playbook, isTabletop ? ['when', 'accept'] : []);
  const unknown = Object.keys(answers).filter((key) => !asked.isAsked(key) && !OPENING_MARKS.includes(key));
  if (unknown.length === 0) return;
  const hints = unknown.flatMap((key) => {
    const near = asked.nearestTo(key);
    return near === undefined ? [] : [`Did you mean "${near}" by "${key}"?`];
  });
  throw new CommandError(
    `nothing in ${playbook.id} asks for ${unknown.map((key) => `"${key}"`).join(', ')}`,
    {
      exitCode: EXIT.invalid,
      hint: [...hints, 'Nothing was changed.'].join(' '),
    },
  );
}

/** A recovery asks for these beside the playbook's own inputs. */
const OPENING_MARKS = ['occurred', 'detected'];

/** Times with an offset become moments; the parser holds every whole number as a bigint. */
function asValues(value: Value): Value {
  if (typeof value === 'string') return Instant.parse(value) ?? value;
  if (typeof value === 'bigint') return wholeNumber(value);
  if (Array.isArray(value)) return value.map(asValues);
  if (isValueMap(value)) {
    return valueMap(Object.entries(value).map(([key, member]) => [key, asValues(member)] as const));
  }
  return value;
}
