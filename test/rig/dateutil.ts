import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { DEBIAN_PYTHON } from '../../engine/base/programs.ts';

export interface DatedRule {
  readonly rule: string;
  readonly from: string;
}

/** The days of each rule as python-dateutil gives them, at most so many and none later. */
export const daysByDateutil = (
  rules: readonly DatedRule[],
  { most, until }: { readonly most: number; readonly until: string },
): Promise<readonly (readonly string[])[]> => python(DAYS, { rules, most, until });

/** The week of each day by ISO 8601. */
export const weekByPython = (days: readonly string[]): Promise<readonly number[]> => python(WEEKS, days);

// A rule that never matches is searched until the year MAXYEAR.
const DAYS = `
import datetime, itertools, json, sys
from dateutil.rrule import rrulestr
asked = json.load(sys.stdin)
datetime.MAXYEAR = int(asked['until'][:4]) + 1
def days(rule):
    start = datetime.datetime.fromisoformat(rule['from'])
    for day in rrulestr(rule['rule'], dtstart=start):
        if day.date().isoformat() > asked['until']: return
        yield day.date().isoformat()
print(json.dumps([list(itertools.islice(days(rule), asked['most'])) for rule in asked['rules']]))
`;

const WEEKS = `
import datetime, json, sys
print(json.dumps([datetime.date.fromisoformat(day).isocalendar()[1] for day in json.load(sys.stdin)]))
`;

async function python<T>(program: string, input: unknown): Promise<T> {
  const child = spawn('python3', ['-c', program], {
    env: { ...process.env, PYTHONPATH: DEBIAN_PYTHON },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(JSON.stringify(input));
  const [printed] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return JSON.parse(printed) as T;
}
