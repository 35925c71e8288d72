import type { Report } from './report.ts';
import { entries, entry, member } from './syntax/tree.ts';
import type { Tree } from './syntax/tree.ts';

/** Each by itself says as whom AWS is asked. */
const SOURCES = ['credentials', 'profile', 'command', 'webIdentity', 'chain'] as const;
/** What only an assumed role has. */
const OF_ROLES = ['externalId', 'sessionName', 'mfa'] as const;

/** Reports where an environment says twice as whom AWS is asked, or how to assume a role that it does not name. */
export function checkAwsCallers(tree: Tree, report: Report): void {
  const section = entry(tree, 'aws');
  const buckets = entries(member(tree, 'buckets'));
  for (const place of section === undefined ? buckets : [section, ...buckets]) {
    const said = SOURCES.flatMap((name) => entry(place.value, name) ?? []);
    const [first, second] = said.toSorted((one, other) => one.keySpan.start - other.keySpan.start);
    if (first !== undefined && second !== undefined) {
      report.error(
        'DB155',
        second.keySpan,
        `"${place.key}" says twice as whom AWS is asked: "${first.key}" and "${second.key}"`,
        { hint: 'Keep one of them: which of two would count must not be guessed.' },
      );
    }
    if (entry(place.value, 'roleArn') !== undefined) continue;
    for (const idle of OF_ROLES.flatMap((name) => entry(place.value, name) ?? [])) {
      report.error(
        'DB156',
        idle.keySpan,
        `"${idle.key}" belongs to a role, and "${place.key}" names none to assume`,
        {
          hint: 'Say which role: "roleArn: arn:aws:iam::…:role/NAME". A web identity has a "sessionName" of its own.',
        },
      );
    }
  }
}
