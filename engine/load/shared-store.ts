import { nearest } from '../source/nearest.ts';
import { meant, type Report } from './report.ts';
import { entries, items, member, stringOf } from './syntax/tree.ts';
import type { Tree } from './syntax/tree.ts';

const ADDRESS = /^postgres(?:ql)?:\/\/(?:([^/?#@]*)@)?([^/?#@]*)/;

/** Reports a store that is no database, that has its password in the file, or that would be lost with what it records. */
export function checkStore(tree: Tree, report: Report): void {
  const place = member(tree, 'store');
  const written = stringOf(place);
  if (place === undefined || written === undefined) return;
  const [address, user = '', hosts = ''] = ADDRESS.exec(written) ?? [];
  if (address === undefined) {
    report.error('DB216', place.span, 'This is not the address of a database in PostgreSQL', {
      hint: 'Write postgresql://USER@HOST/DATABASE. For a folder leave it out, and name the folder with --store.',
    });
    return;
  }
  if (user.includes(':') || /[?&]password=/.test(written)) {
    report.error('DB217', place.span, 'A password stands in the file', {
      hint: 'Write { env: NAME } and put the whole address into that variable, or leave the password to PGPASSFILE.',
    });
  }
  const host = hosts.replace(/:\d*$/, '').toLowerCase();
  for (const { key, value } of entries(member(tree, 'databases'))) {
    const print = member(member(value, 'fingerprint'), 'host');
    if (print === undefined || stringOf(print)?.replace(/:\d*$/, '').toLowerCase() !== host) continue;
    report.error('DB215', place.span, `The store is on the server of databases.${key}, and is lost with it`, {
      hint: 'Put it on a server that no disaster of this environment takes along.',
      related: [{ message: 'the same server', span: print.span }],
    });
  }
}

/** Reports channels that are to be told of a run which waits, and that there are not: nobody would hear of it. */
export function checkWaiting(tree: Tree, report: Report): void {
  const waiting = member(tree, 'waiting');
  const known = entries(member(tree, 'channels')).map(({ key }) => key);
  for (const list of ['tell', 'escalate']) {
    for (const channel of items(member(waiting, list))) {
      const name = stringOf(channel);
      if (name === undefined || known.includes(name)) continue;
      report.error('DB189', channel.span, `This environment has no channel "${name}"`, {
        hint: meant(nearest(name, known)) ?? 'Describe it under "channels".',
      });
    }
  }
}
