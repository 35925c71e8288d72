import { isDay, isZone } from '../base/day.ts';
import { Duration } from '../base/duration.ts';
import type { Schedule, ScheduleEntry } from '../model/schedule.ts';
import type { SourceFile } from '../source/file.ts';
import { nearest } from '../source/nearest.ts';
import { checkFormats } from './formats.ts';
import type { Loaded } from './playbook.ts';
import { HORIZON_YEARS, firstOccurrence, recurrenceProblem } from './recurrence.ts';
import { Report, meant } from './report.ts';
import { fileSchema } from './stepschema.ts';
import { entries, member, stringOf, toJson } from './syntax/tree.ts';
import type { Tree, TreeEntry } from './syntax/tree.ts';
import { parseYaml } from './syntax/yaml.ts';
import { reportProblems } from './validate.ts';

/** What a schedule may name. */
export interface Known {
  readonly playbooks: readonly string[];
  /** Playbooks that it may name only when they have been taken over. */
  readonly examples: readonly string[];
  readonly environments: readonly string[];
}

const WITHIN = '7d';
const ZONE = 'UTC';

/** Reads a schedule; a playbook or an environment that there is not is an error, as it could never be done. */
export function loadSchedule(file: SourceFile, known: Known): Loaded<Schedule> {
  const report = new Report();
  const tree = parseYaml(file, report);
  if (tree === undefined) return { value: undefined, diagnostics: report.diagnostics, sources: [file] };
  const { schema, validate } = fileSchema('schedule');
  reportProblems(validate(toJson(tree)), tree, schema, report);
  checkFormats(tree, schema, report);
  const zone = member(tree, 'zone');
  checkZone(zone, report);
  const all = entries(member(tree, 'entries'));
  for (const { value } of all) checkEntry(value, known, report);
  const value = report.failed
    ? undefined
    : {
        name: stringOf(member(tree, 'name')) ?? '',
        zone: stringOf(zone) ?? ZONE,
        entries: all.map(build),
        file,
      };
  return { value, diagnostics: report.diagnostics, sources: [file] };
}

function checkZone(zone: Tree | undefined, report: Report): void {
  const name = stringOf(zone);
  if (zone === undefined || name === undefined || isZone(name)) return;
  report.error('DB154', zone.span, `There is no time zone "${name}"`, {
    hint:
      meant(nearest(name, Intl.supportedValuesOf('timeZone'))) ??
      'Write UTC or a place, such as Europe/Berlin.',
  });
}

function checkEntry(entry: Tree, known: Known, report: Report): void {
  checkRule(member(entry, 'rule'), stringOf(member(entry, 'from')), report);
  checkPlaybook(member(entry, 'playbook'), known, report);
  checkName(member(entry, 'environment'), known.environments, report, 'DB082', 'environment');
}

function checkRule(rule: Tree | undefined, from: string | undefined, report: Report): void {
  const text = stringOf(rule);
  if (rule === undefined || text === undefined) return;
  const problem = recurrenceProblem(text);
  if (problem !== undefined) {
    report.error('DB081', rule.span, `This is no recurrence rule: ${problem}`, {
      hint: 'The first Monday of each month is FREQ=MONTHLY;BYDAY=1MO.',
    });
  } else if (from !== undefined && isDay(from) && firstOccurrence(text, from) === undefined) {
    report.error('DB153', rule.span, `This rule gives no day, in ${HORIZON_YEARS} years from ${from}`, {
      hint: 'Its parts name no day together: a month without that day, years that never meet, an UNTIL before the first day.',
    });
  }
}

function checkPlaybook(tree: Tree | undefined, { playbooks, examples }: Known, report: Report): void {
  const id = stringOf(tree);
  if (tree === undefined || id === undefined) return;
  if (playbooks.includes(id) || !examples.includes(id))
    checkName(tree, playbooks, report, 'DB061', 'playbook');
  else {
    report.error('DB061', tree.span, `The playbook "${id}" is none of this folder`, {
      hint: `drillbook ships it as an example; drillbook new ${id} --from ${id} takes it over.`,
    });
  }
}

export function checkName(
  tree: Tree | undefined,
  known: readonly string[],
  report: Report,
  code: string,
  what: string,
): void {
  const name = stringOf(tree);
  if (tree === undefined || name === undefined || known.includes(name)) return;
  report.error(code, tree.span, `There is no ${what} "${name}"`, { hint: meant(nearest(name, known)) });
}

function build({ key, value }: TreeEntry): ScheduleEntry {
  const text = (name: string): string => stringOf(member(value, name)) ?? '';
  const playbook = text('playbook');
  const soc2 = member(value, 'soc2');
  return {
    id: key,
    title: stringOf(member(value, 'title')) ?? playbook,
    playbook,
    environment: text('environment'),
    rule: text('rule'),
    from: text('from'),
    withinMs: Duration.parse(stringOf(member(value, 'within')) ?? WITHIN)?.millis ?? 0,
    soc2: soc2?.type === 'scalar' && soc2.value === true,
  };
}
