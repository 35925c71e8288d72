import { Instant } from '../../engine/base/instant.ts';
import type {
  BranchQuestion,
  DebtQuestion,
  DoubtQuestion,
  FailureQuestion,
  GateQuestion,
  InputQuestion,
  ManualQuestion,
} from '../../engine/model/ports.ts';
import { SourceFile } from '../../engine/source/file.ts';

const span = { file: new SourceFile('playbooks/database-corruption.yaml', ''), start: 0, end: 0 };

/** One question of each type, as a recovery of the database would ask them. */
export function demoQuestions(): {
  readonly input: InputQuestion;
  readonly choice: InputQuestion;
  readonly gate: GateQuestion;
  readonly failure: FailureQuestion;
  readonly doubt: DoubtQuestion;
  readonly manual: ManualQuestion;
  readonly watched: ManualQuestion;
  readonly branch: BranchQuestion;
  readonly debt: DebtQuestion;
} {
  return {
    input: {
      type: 'input',
      key: 'input/corruptedAt',
      id: 'corruptedAt',
      title: 'When did the corruption start?',
      choices: ['value'],
      input: {
        name: 'corruptedAt',
        prompt: 'When did the corruption start?',
        type: 'time',
        options: [],
        span,
      },
      check: (value) =>
        value instanceof Instant && value.epochMillis > Date.now() ? 'It lies in the future' : undefined,
    },
    choice: {
      type: 'input',
      key: 'input/scope',
      id: 'scope',
      title: 'How much is corrupted?',
      choices: ['value', 'pause', 'abort'],
      input: {
        name: 'scope',
        prompt: 'How much is corrupted?',
        type: 'choice',
        options: [
          { value: 'tables', label: 'Some tables' },
          { value: 'database', label: 'The whole database' },
        ],
        span,
      },
      check: () => undefined,
    },
    gate: {
      type: 'gate',
      key: 'switch',
      id: 'switch',
      title: 'Point the API at the recovered database',
      choices: ['go', 'decline', 'byHand', 'note', 'pause', 'abort'],
      message: 'From here on the old database is no longer used.',
      describe: 'Set DATABASE_URL of peakops-api to the connection of peakops-main-recovered',
      effect: 'destructive',
      typed: 'peakops-main',
      targets: [
        {
          name: 'services.api',
          verdict: 'match',
          facts: { name: 'peakops-api', region: 'frankfurt', 'last deploy': '2025-10-30T08:12:00Z' },
        },
        { name: 'databases.main', verdict: 'unreachable', facts: { name: 'peakops-main' } },
      ],
      byHand: 'curl -X PUT https://api.render.com/v1/services/srv-1/env-vars/DATABASE_URL -d "$DATABASE_URL"',
      voidsUndo: true,
      why: 'The pages of the old database are damaged on disk; what is written there now is lost.',
      outputs: ['deploy'],
    },
    failure: {
      type: 'failure',
      key: 'reload',
      id: 'reload',
      title: 'Deploy the API with the new address',
      choices: ['retry', 'retryWith', 'accept', 'byHand', 'skip', 'undo', 'note', 'pause', 'abort'],
      describe: 'Deploy the service peakops-api',
      error: {
        code: '429',
        message: 'Render answers 429 Too Many Requests',
        hint: 'Wait a minute; Render allows 20 deploys an hour.',
        changed: 'nothing',
      },
      attempt: 3,
      args: { service: 'srv-1', clearCache: false, tries: 3 },
    },
    doubt: {
      type: 'doubt',
      key: 'restart',
      id: 'restart',
      title: 'Restart the workers',
      choices: ['happened', 'notHappened', 'pause', 'abort'],
      describe: 'Restart the service peakops-worker',
      reason: 'the provider keeps no list of restarts',
    },
    manual: {
      type: 'manual',
      key: 'tell',
      id: 'tell',
      title: 'Tell those who wait',
      choices: ['done', 'decline', 'note', 'pause', 'abort'],
      instructions: 'Post to the status page and tell support what customers will notice.',
      items: ['Status page', 'Support', 'The on-call lead'],
      by: 'incident lead',
      watched: false,
    },
    watched: {
      type: 'manual',
      key: 'dns',
      id: 'dns',
      title: 'Switch the DNS entry',
      choices: ['done', 'decline', 'pause', 'abort'],
      instructions: 'At the registrar, point api.peakops.example at the new address.',
      items: [],
      watched: true,
    },
    branch: {
      type: 'branch',
      key: 'route',
      id: 'route',
      title: 'The provider is down',
      choices: ['branch', 'pause', 'abort'],
      branches: [
        { name: 'wait', title: 'Wait for the provider' },
        { name: 'migrate', title: 'Migrate to another region' },
      ],
      default: 'wait',
    },
    debt: {
      type: 'debt',
      key: 'stopApi',
      id: 'stopApi',
      title: 'The API is still suspended',
      choices: ['pay', 'leave', 'pause'],
      describe: ['Resume the service peakops-api'],
    },
  };
}
