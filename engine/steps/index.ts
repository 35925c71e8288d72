import type { Value } from '../base/value.ts';
import type { StepKind, StepTable } from '../model/stepkind.ts';

/**
 * The one table of step kinds. A kind is loaded when a playbook uses it, and no other: start-up
 * costs nothing for the rest. A further kind is a line here, a file, a schema, a docs page and a test.
 */
export const STEP_KINDS: Readonly<Record<string, () => Promise<StepKind>>> = {
  assert: async () => (await import('./assert.ts')).assertion,
  checklist: async () => (await import('./checklist.ts')).checklist,
  'http.request': async () => (await import('./http.request.ts')).httpRequest,
  manual: async () => (await import('./manual.ts')).manual,
  notify: async () => (await import('./notify.ts')).notify,
  'render.deploy': async () => (await import('./render.deploy.ts')).renderDeploy,
  'render.postgres': async () => (await import('./render.postgres.ts')).renderPostgres,
  'render.recover-postgres': async () => (await import('./render.recover-postgres.ts')).renderRecoverPostgres,
  'render.resume': async () => (await import('./render.resume.ts')).renderResume,
  'render.service': async () => (await import('./render.service.ts')).renderService,
  'render.set-env': async () => (await import('./render.set-env.ts')).renderSetEnv,
  'render.status': async () => (await import('./render.status.ts')).renderStatus,
  'render.suspend': async () => (await import('./render.suspend.ts')).renderSuspend,
  shell: async () => (await import('./shell.ts')).shell,
  'sql.execute': async () => (await import('./sql.execute.ts')).sqlExecute,
  'sql.query': async () => (await import('./sql.query.ts')).sqlQuery,
  wait: async () => (await import('./wait.ts')).wait,
};

/** The table as the interpreter sees it; `validate` holds a resolved `with` against the kind's schema. */
export function createStepTable(
  validate: (kind: string, args: Value) => Promise<readonly string[]>,
): StepTable {
  return {
    load(name) {
      const load = Object.hasOwn(STEP_KINDS, name) ? STEP_KINDS[name] : undefined;
      if (load === undefined) return Promise.reject(new Error(`there is no step kind "${name}"`));
      return load();
    },
    validate,
    async identify(use, environment, secrets, signal) {
      const { identify } = await import('./identity.ts');
      return identify(use, environment, secrets, signal);
    },
  };
}
