import { nearest } from '../source/nearest.ts';
import { meant, type Report } from './report.ts';
import { entries, items, member, stringOf } from './syntax/tree.ts';
import type { Tree } from './syntax/tree.ts';

/** Reports what `application` says that cannot hold: names of nothing, and rows that no moment can be told from. */
export function checkApplication(tree: Tree, report: Report): void {
  const application = member(tree, 'application');
  if (application === undefined) return;
  checkName(member(member(application, 'media'), 'bucket'), 'buckets', tree, report);
  checkName(member(member(application, 'queue'), 'redis'), 'redis', tree, report);
  checkWriters(member(application, 'writers'), tree, report);
  checkErasures(member(application, 'erasures'), report);
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

/** What recoveries point at another database and start on it. */
const ALWAYS_WRITING = ['api', 'worker'];

/** Who is not on the list is not stopped, and goes on writing into what is left behind. */
function checkWriters(writers: Tree | undefined, tree: Tree, report: Report): void {
  if (writers === undefined) return;
  for (const writer of items(writers)) checkName(writer, 'services', tree, report);
  const written = items(writers).map(stringOf);
  const services = entries(member(tree, 'services')).map(({ key }) => key);
  const missing = ALWAYS_WRITING.filter((name) => services.includes(name) && !written.includes(name));
  if (missing.length === 0) return;
  const who = `${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'}`;
  report.error('DB187', writers.span, `Of what writes into the database, ${who} not named`, {
    hint: 'The list is of all writers: who is not on it goes on writing into a database that is left.',
  });
}

/** Of one table several logs may tell, each for itself; one log tells one thing of it. */
function checkErasures(erasures: Tree | undefined, report: Report): void {
  if (erasures === undefined) return;
  const seen = new Map<string, Tree>();
  for (const entry of items(erasures)) {
    const [table, log] = [member(entry, 'table'), member(member(entry, 'log'), 'table')].map(stringOf);
    if (table === undefined || log === undefined) continue;
    const other = seen.get(`${table} ${log}`);
    if (other === undefined) seen.set(`${table} ${log}`, entry);
    else {
      report.error('DB188', entry.span, `Two entries read from ${log} what was erased of ${table}`, {
        hint: 'Put them together: its rows are deleted, or "set" says what becomes of which columns.',
        related: [{ message: 'the other one', span: other.span }],
      });
    }
  }
}

/** What is named is an entry of the same environment. */
function checkName(
  name: Tree | undefined,
  group: 'buckets' | 'redis' | 'services',
  tree: Tree,
  report: Report,
): void {
  const written = stringOf(name);
  const all = member(tree, group);
  // In a world a part may give all of them: which they are is known when it has been started.
  if (name === undefined || written === undefined || all?.type === 'scalar') return;
  const known = entries(all).map(({ key }) => key);
  if (known.includes(written)) return;
  report.error('DB185', name.span, `There is no "${written}" in ${group} of this environment`, {
    hint: meant(nearest(written, known)) ?? `Name one of them, or give ${group} an entry "${written}".`,
  });
}
