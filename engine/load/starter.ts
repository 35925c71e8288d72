/** What a new file is made of. */
export interface Starter {
  readonly id: string;
  readonly title: string;
  /** Where the schema is, as an editor finds it from this file. */
  readonly schema: string;
  /** `YYYY-MM-DD` */
  readonly today: string;
}

/** A playbook to begin with: valid as it is, rehearsed in the sandbox as it is, each part explained. */
export const starterPlaybook = ({ id, title, schema, today }: Starter): string =>
  `# yaml-language-server: $schema=${schema}
#
# A playbook to begin with. It works as it is: drillbook drill ${id}
# breaks a sandbox, recovers it by the steps below and measures how long that took.
# Replace one part after the other by your own disaster, and drill it after each change.
version: 1
id: ${id}
title: ${scalar(title)}
summary: >-
  Files were deleted from the bucket, and users cannot open them. Say when to
  use this playbook and what it does, for somebody who was woken up by it.
owner: DevOps Team
priority: high                        # critical, high, medium or low
reviewed: "${today}"
nextReview: "${threeMonthsAfter(today)}"              # drillbook check warns once it has passed
symptoms:
  - Users report files that do not open

# What the environment must have. drillbook check --env NAME says what it lacks.
needs:
  - services.api
  - buckets.videos
  - application

objectives:
  rto: { target: 1h, from: detected, to: verified }    # how long it may take

# Asked at the start, and read as \${{ inputs.deletedAt }}.
inputs:
  deletedAt:
    prompt: When were the files deleted?
    type: time
    check: { that: value < now, else: That moment lies in the future }

# Checks that are red while the disaster lasts and green when it is over.
detect:
  - uses: s3.list-versions
    with: { bucket: "\${{ env.buckets.videos }}" }
    that: output.deleted == 0

# How a drill breaks the sandbox, and what it answers when nobody is asked.
rehearsals:
  allFiles:
    title: Every file of the bucket is deleted
    fault:
      uses: s3.delete-objects
      with: { bucket: videos }
    answers:
      deletedAt: \${{ fault.at }}
      "*": go

steps:
  - phase: Assess
    steps:
      - id: deleted
        title: What is there, and what is not
        why: Look before you touch. A step that only reads needs no gate.
        uses: s3.inspect
        with: { bucket: "\${{ env.buckets.videos }}" }
        assert:
          - that: output.versioning == "Enabled"
            else: The bucket keeps no versions, so a deleted file cannot be brought back this way

  - phase: Recover
    steps:
      - id: bringBack
        title: Bring the deleted files back
        why: What was deleted on purpose before that moment stays deleted.
        uses: s3.undelete
        with:
          bucket: \${{ env.buckets.videos }}
          since: \${{ inputs.deletedAt - duration("1s") }}
        confirm:                      # the operator is asked before it
          message: The deleted files become visible again to everybody.
        expect: 2m                    # for the forecast; a drill measures it
        timeout: 30m

  - phase: Verify
    steps:
      - id: complete
        title: No file is deleted any more
        uses: s3.list-versions
        with: { bucket: "\${{ env.buckets.videos }}" }
        assert:
          - { that: output.deleted == 0, else: Some files are deleted still }
      - id: answers
        title: The application answers
        uses: http.request
        # Which page says that it is up stands in the environment, under "application".
        with: { url: "\${{ env.services.api.url }}\${{ env.application.health.path }}", timeout: 5s }
        until:                        # looked at again and again
          that: output.status == 200
          every: 2s
          timeout: 10m
        mark: verified                # the RTO is measured to here

# Done at the end, whatever happened.
always:
  - id: tell
    title: Say how it ended
    uses: notify
    with:
      channel: \${{ env.channels.ops }}
      text: The recovery of deleted files (run \${{ run.id }}) has ended.
`;

/** An environment to begin with: valid as it is, its ids to be replaced. */
export const starterEnvironment = ({ id, schema }: Pick<Starter, 'id' | 'schema'>): string =>
  `# yaml-language-server: $schema=${schema}
#
# The real things that playbooks act on. Replace each value by your own, then
#   drillbook doctor --env ${id}
# says what cannot be reached, which secret is missing and which fingerprint does not match.
version: 1
name: ${id}
kind: ${id}                         # production, staging; a drill never writes to production

render:
  key: { env: RENDER_API_KEY }        # secrets are named here, never written down
  workspace: tea-00000000000000000000

aws:
  region: us-east-1
  account: "000000000000"
  credentials:
    accessKeyId: { env: AWS_ACCESS_KEY_ID }
    secretAccessKey: { env: AWS_SECRET_ACCESS_KEY }

# A fingerprint says who a target is. A drill writes to nothing that has none.
services:
  api:
    name: my-api
    renderId: srv-00000000000000000000
    url: https://my-api.example.com
    fingerprint: { renderId: srv-00000000000000000000, workspace: tea-00000000000000000000 }

databases:
  main:
    name: my-database
    renderId: dpg-00000000000000000000-a
    fingerprint: { renderId: dpg-00000000000000000000-a, host: my-host.example.com, database: my_database }

buckets:
  videos:
    name: my-videos
    region: us-east-1
    fingerprint: { name: my-videos, region: us-east-1, account: "000000000000" }

# Which page answers 200 while all is well, and which tables matter, with the column that says when a row was
# written. More may be said of it, and each part lets more be proven.
application:
  health: { path: /your-health-page }
  tables:
    your_table: { time: created_at }

# Where people are told: the console, Slack, mail, PagerDuty, a status page, a webhook.
channels:
  ops: { console: true }

# Shown on the pages of drillbook docs, and offered when a recovery takes too long.
contacts:
  renderSupport: { email: support@render.com }

escalation:
  - { level: 1, who: On-call engineer }
  - { level: 2, who: Senior engineer, with: [renderSupport] }
`;

/** `api-down` as a title: `Api down`. */
export const titleOf = (id: string): string =>
  id.replaceAll('-', ' ').replace(/^./, (first) => first.toUpperCase());

/** A text as YAML: plain where that is certain to be read as it is. */
const scalar = (text: string): string =>
  /^[A-Za-z][\w ,'()/-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text)
    ? text
    : JSON.stringify(text);

function threeMonthsAfter(day: string): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  const last = new Date(Date.UTC(year, month + 3, 0)).getUTCDate();
  return new Date(Date.UTC(year, month + 2, Math.min(date, last))).toISOString().slice(0, 10);
}
