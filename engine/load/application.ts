import { nearest } from '../source/nearest.ts';
import { meant, type Report } from './report.ts';
import { entries, member, stringOf } from './syntax/tree.ts';
import type { Tree } from './syntax/tree.ts';

/** Reports what `application` says that cannot hold: names of nothing, and rows that no moment can be told from. */
export function checkApplication(tree: Tree, report: Report): void {
  const application = member(tree, 'application');
  if (application === undefined) return;
  checkName(member(member(application, 'media'), 'bucket'), 'buckets', tree, report);
  const tables = member(application, 'tables');
  if (tables === undefined || member(application, 'heartbeat') !== undefined) return;
  if (entries(tables).some(({ value }) => member(value, 'time') !== undefined)) return;
  report.warning(
    'DB186',
    tables.span,
    'No table says when its rows were written, and there is no heartbeat',
    {
      hint: 'Give one of them "time", the column that says it: without, what a recovery loses cannot be measured.',
    },
  );
}

/** What is named is an entry of the same environment. */
function checkName(name: Tree | undefined, group: 'buckets', tree: Tree, report: Report): void {
  const written = stringOf(name);
  if (name === undefined || written === undefined) return;
  const known = entries(member(tree, group)).map(({ key }) => key);
  if (known.includes(written)) return;
  report.error('DB185', name.span, `There is no "${written}" in ${group} of this environment`, {
    hint: meant(nearest(written, known)) ?? `Name one of them, or give ${group} an entry "${written}".`,
  });
}
