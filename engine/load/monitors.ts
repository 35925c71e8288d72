import { Duration } from '../base/duration.ts';
import { parseExpression } from '../expression/parse.ts';
import { hasTemplate, splitTemplate } from '../expression/template.ts';
import type { Alert, AlertCondition, Look, Monitors } from '../model/monitor.ts';
import type { Expression, Template } from '../model/playbook.ts';
import type { SourceFile } from '../source/file.ts';
import { checkFormats } from './formats.ts';
import type { Loaded } from './playbook.ts';
import { Report } from './report.ts';
import { checkName } from './schedule.ts';
import { fileSchema, kindNames, kindSchema } from './stepschema.ts';
import { locate } from './syntax/locate.ts';
import { entries, items, member, stringOf, toJson } from './syntax/tree.ts';
import type { Tree, TreeEntry, TreeScalar } from './syntax/tree.ts';
import { parseYaml } from './syntax/yaml.ts';
import { reportProblems } from './validate.ts';

/** Reads monitors. A kind that may change something is refused: to look must never do anything. */
export function loadMonitors(file: SourceFile, environments: readonly string[]): Loaded<Monitors> {
  const report = new Report();
  const tree = parseYaml(file, report);
  if (tree === undefined) return { value: undefined, diagnostics: report.diagnostics, sources: [file] };
  const { schema, validate } = fileSchema('monitors');
  reportProblems(validate(toJson(tree)), tree, schema, report);
  checkFormats(tree, schema, report);
  checkName(member(tree, 'environment'), environments, report, 'DB082', 'environment');
  const looks = entries(member(tree, 'backups'));
  const known = looks.map(({ key }) => key);
  const built = looks.map((entry) => look(entry, report));
  const alerts = entries(member(tree, 'alerts'));
  for (const { value } of alerts)
    checkName(member(value, 'of'), known, report, 'DB083', 'entry of "backups" called');
  const value = report.failed
    ? undefined
    : { environment: textOf(tree, 'environment'), looks: built, alerts: alerts.map(alert), file };
  return { value, diagnostics: report.diagnostics, sources: [file] };
}

const textOf = (tree: Tree, name: string): string => stringOf(member(tree, name)) ?? '';

function look({ key, value }: TreeEntry, report: Report): Look {
  const uses = member(value, 'uses');
  const name = stringOf(uses) ?? '';
  const kind = kindSchema('steps', name);
  checkName(uses, kindNames('steps'), report, 'DB030', 'step kind');
  if (uses !== undefined && kind !== undefined && kind.effect !== 'read') {
    report.error(
      'DB084',
      uses.span,
      `A monitor looks and changes nothing; the effect of ${name} is ${kind.effect}`,
      {
        hint: 'Choose a kind whose effect is read.',
      },
    );
  }
  const args = member(value, 'with') ?? value;
  const found = member(value, 'found') ?? value;
  return {
    id: key,
    title: textOf(value, 'title'),
    uses: name,
    with: templateOf(args, report),
    found: found.type === 'scalar' ? bareExpression(found, report) : { source: 'null', span: found.span },
  };
}

function bareExpression(tree: TreeScalar, report: Report): Expression {
  const source = String(tree.value).trim();
  const parsed = parseExpression(source);
  if (!parsed.ok) report.error('DB040', tree.span, parsed.error.message);
  return { source, span: tree.span };
}

function templateOf(tree: Tree, report: Report): Template {
  const { span } = tree;
  switch (tree.type) {
    case 'list':
      return { type: 'list', items: tree.items.map((item) => templateOf(item, report)), span };
    case 'map':
      return {
        type: 'map',
        entries: tree.entries.map(({ key, value }) => ({ key, value: templateOf(value, report) })),
        span,
      };
    case 'scalar':
      return typeof tree.value === 'string' && hasTemplate(tree.value)
        ? textTemplate(tree, tree.value, report)
        : { type: 'literal', value: tree.value, span };
  }
}

function textTemplate(tree: TreeScalar, text: string, report: Report): Template {
  const parts = splitTemplate(text).map((part): string | Expression => {
    if (part.type === 'text') return part.text;
    if (part.type === 'expression')
      return { source: part.source, span: locate(tree, part.source, part.start) };
    report.error('DB040', tree.span, part.problem.message);
    return '';
  });
  const [only] = parts;
  return parts.length === 1 && only !== undefined && typeof only !== 'string'
    ? { type: 'expression', expression: only, span: tree.span }
    : { type: 'text', parts, span: tree.span };
}

const alert = ({ key, value }: TreeEntry): Alert => ({
  id: key,
  title: textOf(value, 'title'),
  of: textOf(value, 'of'),
  when: conditionOf(member(value, 'when')),
  severity: textOf(value, 'severity'),
  channels: items(member(value, 'channels')).flatMap((item) => stringOf(item) ?? []),
});

function conditionOf(tree: Tree | undefined): AlertCondition {
  const share = member(tree, 'smallerThan');
  if (share?.type === 'scalar') return { type: 'smallerThan', share: Number(share.value) };
  const age = stringOf(member(tree, 'olderThan'));
  if (age !== undefined) return { type: 'olderThan', millis: Duration.parse(age)?.millis ?? 0 };
  return { type: member(tree, 'failed') === undefined ? 'unreadable' : 'failed' };
}
