import { Duration } from '../base/duration.ts';

/** What people write first who come from other tools, and what stands for it here. */
interface Guess {
  readonly guesses: readonly string[];
  /** The key that it should have been: the hint is for places that have it. */
  readonly key: string;
  readonly hint: string;
}

const SCRIPT = 'A script is a step of the kind shell: `uses: shell`, `with: { script: … }`.';

const KEYS: readonly Guess[] = [
  { guesses: ['name'], key: 'title', hint: 'People read the `title`, and expressions name the `id`.' },
  { guesses: ['if', 'condition', 'only_if'], key: 'when', hint: '`when` says when it runs, without ${{ }}.' },
  { guesses: ['unless', 'creates'], key: 'guard', hint: '`guard` skips what holds already.' },
  { guesses: ['run', 'script', 'cmd', 'command', 'shell', 'bash', 'exec'], key: 'uses', hint: SCRIPT },
  {
    guesses: ['action', 'module', 'plugin', 'type', 'kind'],
    key: 'uses',
    hint: 'The kind of a step is `uses`.',
  },
  { guesses: ['args', 'params', 'inputs', 'parameters'], key: 'with', hint: 'What a step takes is `with`.' },
  {
    guesses: ['env', 'environment'],
    key: 'with',
    hint: 'The variables of a script are `env` in its `with`.',
  },
  {
    guesses: ['needs', 'depends_on', 'dependsOn', 'after'],
    key: 'parallel',
    hint: 'Steps run in the order in which they stand; `parallel` lets some run side by side.',
  },
  {
    guesses: ['continue-on-error', 'continueOnError', 'ignore_errors', 'allow_failure', 'on_error', 'rescue'],
    key: 'onFailure',
    hint: '`onFailure` says what becomes of a failure.',
  },
  { guesses: ['retries', 'attempts', 'max_attempts'], key: 'retry', hint: 'Write `retry: { attempts: 3 }`.' },
  {
    guesses: ['loop', 'with_items', 'foreach', 'for', 'matrix', 'each'],
    key: 'forEach',
    hint: 'A loop is `forEach`.',
  },
  {
    guesses: ['rollback', 'compensate', 'cleanup', 'finally'],
    key: 'undo',
    hint: 'What takes it back is its `undo`.',
  },
  { guesses: ['approve', 'approval', 'gate'], key: 'confirm', hint: 'What is asked before is `confirm`.' },
  {
    guesses: ['expects', 'check', 'checks', 'verify'],
    key: 'assert',
    hint: 'What must hold afterwards is `assert`.',
  },
  { guesses: ['description', 'comment', 'note', 'notes'], key: 'why', hint: 'Why it is done is its `why`.' },
  { guesses: ['description'], key: 'summary', hint: 'What it is for is its `summary`.' },
  { guesses: ['jobs', 'tasks', 'stages', 'phases', 'plays'], key: 'steps', hint: 'What is done is `steps`.' },
  {
    guesses: ['vars', 'variables', 'params', 'parameters', 'arguments'],
    key: 'inputs',
    hint: 'What is asked at the start is `inputs`; a value of your own is `let`.',
  },
  { guesses: ['rto', 'rpo', 'sla', 'slo'], key: 'objectives', hint: 'It stands below `objectives`.' },
];

const KINDS: readonly { readonly guesses: readonly string[]; readonly hint: string }[] = [
  {
    guesses: ['sql', 'psql', 'postgres', 'postgresql', 'query', 'database'],
    hint: '`sql.query` reads from a database, `sql.execute` writes to it.',
  },
  {
    guesses: ['bash', 'sh', 'script', 'command', 'cmd', 'exec', 'run', 'ssh', 'local', 'process'],
    hint: 'A script or a command, here or on a host, is `shell`.',
  },
  {
    guesses: ['http', 'https', 'curl', 'get', 'post', 'webhook', 'rest', 'api', 'fetch'],
    hint: 'A request is `http.request`.',
  },
  {
    guesses: ['slack', 'email', 'mail', 'sms', 'teams', 'message', 'pagerduty'],
    hint: 'Telling people is `notify`.',
  },
  {
    guesses: ['sleep', 'delay', 'pause', 'timer'],
    hint: 'Waiting is `wait`; for something to become true, `until` of any step that reads.',
  },
  {
    guesses: ['approval', 'approve', 'confirm', 'gate'],
    hint: 'Any step is asked for before it begins by its own `confirm`.',
  },
  {
    guesses: ['prompt', 'input', 'question', 'choice'],
    hint: 'Asking for values is `ask`; `choose` decides between ways.',
  },
  {
    guesses: ['human', 'todo', 'task', 'person', 'instruction'],
    hint: 'What a person does is `manual`, several of it `checklist`.',
  },
  {
    guesses: ['check', 'test', 'expect', 'verify'],
    hint: '`assert` looks at what is known; what reads (sql.query, http.request, …) has an `assert` of its own.',
  },
  {
    guesses: ['call', 'include', 'runbook', 'workflow', 'import'],
    hint: 'Another playbook is called by `playbook`.',
  },
  { guesses: ['backup', 'dump', 'pg_dump', 'pgdump'], hint: 'A dump is made by `postgres.dump`.' },
  { guesses: ['restore', 'pg_restore', 'pgrestore'], hint: 'A dump is loaded by `postgres.restore`.' },
  { guesses: ['dns', 'dig', 'nslookup', 'resolve'], hint: 'A name is looked up by `dns.lookup`.' },
  {
    guesses: ['s3', 'aws', 'bucket'],
    hint: 'docs/steps/ has what can be done with buckets: s3.list, s3.copy-bucket, s3.put and others.',
  },
  {
    guesses: ['file', 'copy', 'template', 'scp', 'rsync'],
    hint: 'Files are read and written by `file.read` and `file.write`, carried to a host by `host.copy`.',
  },
];

/** What was probably meant by a key that there is not, where the keys that there are could say it. */
export const guessedKey = (key: string, known: readonly string[]): string | undefined =>
  KEYS.find((guess) => guess.guesses.includes(key) && known.includes(guess.key))?.hint;

/** What was probably meant by a kind of steps that there is not. */
export const guessedKind = (name: string): string | undefined =>
  KINDS.find(({ guesses }) => guesses.includes(name.toLowerCase()))?.hint;

const UNITS: readonly (readonly [RegExp, string])[] = [
  [/^(d|days?)$/, 'd'],
  [/^(h|hrs?|hours?)$/, 'h'],
  [/^(m|mins?|minutes?)$/, 'm'],
  [/^(s|secs?|seconds?)$/, 's'],
  [/^(ms|msecs?|millis|milliseconds?)$/, 'ms'],
];

/** `30 min`, `1 hour 30 minutes` and `PT1H30M` as they are written here; undefined for what is none of it. */
export function guessedDuration(text: string): string | undefined {
  const plain = text.toLowerCase().replace(/^p(?:(\d+d))?t?/, '$1');
  const parts = [...plain.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)[\s,]*/gy)];
  if (parts.map(([part]) => part).join('') !== plain) return undefined;
  const written = parts.map(([, number = '', unit = '']) => {
    const own = UNITS.find(([pattern]) => pattern.test(unit))?.[1];
    return own === undefined ? '' : number + own;
  });
  const guess = written.join('');
  return written.includes('') || Duration.parse(guess) === undefined ? undefined : guess;
}
