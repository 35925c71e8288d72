import { Duration } from '../base/duration.ts';
import { isValueMap } from '../base/value.ts';
import type { Environment } from '../model/environment.ts';
import { OUTSIDE_OF_A_RUN } from '../model/names.ts';
import type { Alert, AlertCondition, Look, Monitors } from '../model/monitor.ts';
import type { SourceFile } from '../source/file.ts';
import { nearest } from '../source/nearest.ts';
import { checkFormats } from './formats.ts';
import { kindsOf } from './kinds-of.ts';
import type { Loaded } from './playbook.ts';
import { Report, meant } from './report.ts';
import { expressionAt } from './resolve/expressions.ts';
import { argumentsAt, kindAt } from './resolve/kinds.ts';
import { unitOf } from './resolve/parts.ts';
import { MAIN, at } from './resolve/unit.ts';
import type { ExpressionPlace, Unit } from './resolve/unit.ts';
import { checkName } from './schedule.ts';
import { fileSchema } from './stepschema.ts';
import { entries, items, member, stringOf, toJson } from './syntax/tree.ts';
import type { Tree, TreeEntry } from './syntax/tree.ts';
import { parseYaml } from './syntax/yaml.ts';
import { reportProblems } from './validate.ts';

/** The environments that there are. */
export interface Environments {
  readonly names: readonly string[];
  /** Undefined for one that is known only while it runs, as the sandbox, or is wrong itself. */
  find(name: string): Promise<Environment | undefined>;
}

/**
 * Reads monitors, held against their environment. A kind that may change something is refused: to look must
 * never do anything.
 */
export async function loadMonitors(file: SourceFile, environments: Environments): Promise<Loaded<Monitors>> {
  const report = new Report();
  const tree = parseYaml(file, report);
  if (tree === undefined) return { value: undefined, diagnostics: report.diagnostics, sources: [file] };
  const { schema, validate } = fileSchema('monitors');
  reportProblems(validate(toJson(tree)), tree, schema, report);
  checkFormats(tree, schema, report);
  const name = textMember(tree, 'environment');
  checkName(member(tree, 'environment'), environments.names, report, 'DB082', 'environment');
  const environment = environments.names.includes(name) ? await environments.find(name) : undefined;
  const looks = entries(member(tree, 'backups'));
  const known = looks.map(({ key }) => key);
  const kinds = await kindsOf(tree, undefined);
  const unit = unitOf(tree, { file, report, ...kinds.known, calls: new Map(), environment });
  const built = looks.map((entry) => look(entry, unit));
  const alerts = entries(member(tree, 'alerts'));
  for (const { value } of alerts) {
    checkName(member(value, 'of'), known, report, 'DB083', 'entry of "backups" called');
    checkChannels(value, unit);
  }
  const value = report.failed
    ? undefined
    : { environment: name, looks: built, alerts: alerts.map(alert), file };
  return { value, diagnostics: report.diagnostics, sources: [file] };
}

const textMember = (tree: Tree, name: string): string => stringOf(member(tree, name)) ?? '';

/** Nothing has run where a monitor looks. */
const PLACE: ExpressionPlace = {
  ...at({ index: 0, region: MAIN, conditions: [] }),
  everywhere: OUTSIDE_OF_A_RUN,
};

function look({ key, value }: TreeEntry, unit: Unit): Look {
  const uses = member(value, 'uses');
  const name = stringOf(uses) ?? '';
  const kind = uses === undefined ? undefined : kindAt(uses, unit, 'steps');
  if (uses !== undefined && kind !== undefined && kind.effect !== 'read' && kind.effect !== 'none') {
    unit.report.error(
      'DB084',
      uses.span,
      `A monitor looks and changes nothing; the effect of ${name} is ${kind.effect}`,
      {
        hint: 'Choose a kind whose effect is read or none.',
      },
    );
  }
  return {
    id: key,
    title: textMember(value, 'title'),
    uses: name,
    with: argumentsAt(member(value, 'with'), kind, value.span, unit, PLACE),
    found: expressionAt(member(value, 'found') ?? value, unit, {
      ...PLACE,
      ...{ names: new Set(['output']), output: kind?.output },
    }),
  };
}

/** Alerts are told over channels of the environment; one that is not there would be noticed when it has to be told. */
function checkChannels(alert: Tree, { environment, report }: Unit): void {
  if (environment === undefined) return;
  const { channels } = environment.data;
  const known = isValueMap(channels) ? Object.keys(channels) : [];
  for (const channel of items(member(alert, 'channels'))) {
    const name = stringOf(channel);
    if (name === undefined || known.includes(name)) continue;
    report.error('DB085', channel.span, `The environment "${environment.name}" has no channel "${name}"`, {
      hint: meant(nearest(name, known)) ?? `It has ${known.join(', ') || 'none'}.`,
    });
  }
}

const alert = ({ key, value }: TreeEntry): Alert => ({
  id: key,
  title: textMember(value, 'title'),
  of: textMember(value, 'of'),
  when: conditionOf(member(value, 'when')),
  severity: textMember(value, 'severity'),
  channels: items(member(value, 'channels')).flatMap((item) => stringOf(item) ?? []),
});

function conditionOf(tree: Tree | undefined): AlertCondition {
  const share = member(tree, 'smallerThan');
  if (share?.type === 'scalar') return { type: 'smallerThan', share: Number(share.value) };
  const age = stringOf(member(tree, 'olderThan'));
  if (age !== undefined) return { type: 'olderThan', millis: Duration.parse(age)?.millis ?? 0 };
  return { type: member(tree, 'failed') === undefined ? 'unreadable' : 'failed' };
}
