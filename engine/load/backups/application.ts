import type { JsonObject } from '../../base/json.ts';
import type { BackupCheck } from './check.ts';
import { RESTORED, SERVED, greenIs } from './check.ts';
import { capital } from './content-checks.ts';

/** The application that is started on the copy. */
export interface ApplicationFacts {
  readonly command: JsonObject[string];
  readonly cwd?: string | undefined;
  readonly env?: JsonObject[string] | undefined;
  readonly readyPath?: string | undefined;
  readonly readyTimeout?: string | undefined;
  readonly requests: readonly {
    readonly name: string;
    readonly title?: string | undefined;
    readonly path: string;
    readonly that: string;
  }[];
}

/** It is started when there is something to be started on. */
export const applicationPart = ({
  command,
  cwd,
  env,
  readyPath,
  readyTimeout,
}: ApplicationFacts): JsonObject => ({
  uses: 'process',
  with: {
    command,
    ...(cwd !== undefined && { cwd }),
    ...(env !== undefined && { env }),
    ready: {
      ...(readyPath !== undefined && { url: `http://127.0.0.1:\${{ port }}${readyPath}` }),
      ...(readyTimeout !== undefined && { timeout: readyTimeout }),
    },
    waits: true,
  },
});

const startStep = ({ readyTimeout = '30s' }: ApplicationFacts, when: string): JsonObject => ({
  id: 'startApplication',
  title: 'Start the application on the copy',
  uses: 'http.request',
  when,
  with: {
    url: '${{ env.values.application.control }}/start',
    method: 'POST',
    auth: { bearer: '${{ env.values.application.token }}' },
    // It answers when the application is ready, or is given up.
    timeout: readyTimeout,
  },
  effect: 'write',
  idempotent: true,
  onFailure: 'continue',
});

/** Whether it starts on the copy, and what it answers then. `restored`: what it waits for, where not the restore itself. */
export function applicationChecks(facts: ApplicationFacts, restored?: BackupCheck): readonly BackupCheck[] {
  const when = restored === undefined ? RESTORED : greenIs(restored);
  return [starts(facts, when), ...facts.requests.map(answers)];
}

const starts = (facts: ApplicationFacts, when: string): BackupCheck => ({
  id: 'Application',
  title: 'The application starts on the copy',
  first: [startStep(facts, when)],
  uses: 'assert',
  with: {},
  when,
  that: 'steps.startApplication.outcome == "succeeded" && steps.startApplication.output.status == 200',
  else: '${{ steps.startApplication.outcome == "succeeded" ? steps.startApplication.output.body : steps.startApplication.?error.?message.orValue("It was not started") }}',
  reading: 'it is ready',
});

const answers = ({ name, title, path, that }: ApplicationFacts['requests'][number]): BackupCheck => ({
  id: `Request${capital(name)}`,
  title: title ?? `The application answers ${path}`,
  uses: 'http.request',
  with: { url: `\${{ env.values.application.url }}${path}` },
  when: SERVED,
  that,
  else: `It answers \${{ output.status }}: \${{ output.body }}`,
  reading: 'it answers ${{ output.status }} in ${{ output.durationMs }} ms',
  broken: 'emptied',
});
