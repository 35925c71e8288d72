import { createStepTable } from '../kinds/index.ts';
import { outsideKind } from '../kinds/outside/kind.ts';
import { ownKind } from '../load/own-kinds.ts';
import type { OwnKind } from '../load/own-kinds.ts';
import { readArgs, readBySchema } from '../load/read-args.ts';
import { problemsOfArgs } from '../load/schemas/kind-schema.ts';
import { admitOutput } from '../load/schemas/own-output.ts';
import { validateArgs } from '../load/stepschema.ts';
import type { Policy } from '../model/environment.ts';
import type { RecordedKind } from '../model/event.ts';
import type { StepKind, StepTable } from '../model/kind.ts';
import type { Diagnostic } from '../source/diagnostic.ts';
import { SourceFile } from '../source/file.ts';
import { CommandError, EXIT } from './exit.ts';
import { printDiagnostics } from './loading.ts';

/** A kind of the user's own whose code has been loaded. */
export interface LoadedKind {
  readonly own: OwnKind;
  readonly code: StepKind;
}

/** Loads the code of kinds, and says what is wrong with it. */
export async function loadCode(kinds: readonly OwnKind[]): Promise<{
  readonly loaded: readonly LoadedKind[];
  readonly diagnostics: readonly Diagnostic[];
}> {
  const loaded: LoadedKind[] = [];
  const diagnostics: Diagnostic[] = [];
  if (kinds.length === 0) return { loaded, diagnostics };
  const { loadOutsideKind } = await import('../kinds/outside/load.ts');
  for (const own of kinds) {
    const code = await loadOutsideKind(own);
    if (code.ok) loaded.push({ own, code: code.value });
    else diagnostics.push(code.error);
  }
  return { loaded, diagnostics };
}

/** The same, where nothing can go on without them: what is wrong is printed, and ends the command. */
export async function expectCode(kinds: readonly OwnKind[]): Promise<readonly LoadedKind[]> {
  const { loaded, diagnostics } = await loadCode(kinds);
  if (diagnostics.length === 0) return loaded;
  printDiagnostics(diagnostics);
  throw new CommandError('a kind of your own cannot be used; nothing was changed', {
    exitCode: EXIT.invalid,
  });
}

/** The table of step kinds with the user's own among them, trusted as far as the environment's policy says. */
export function stepTable(kinds: readonly LoadedKind[], policy: Policy): StepTable {
  const schemas = new Map(kinds.map(({ own }) => [own.name, own.schema.kind]));
  return createStepTable(
    {
      validateArgs: (name, args) => {
        const schema = schemas.get(name);
        return schema === undefined
          ? validateArgs(name, args)
          : Promise.resolve(problemsOfArgs(schema, args));
      },
      readArgs: (name, args) => {
        const schema = schemas.get(name);
        return schema === undefined ? readArgs(name, args) : readBySchema(args, schema.with);
      },
    },
    asSteps(kinds, policy),
  );
}

/** The kinds as steps use them, by their names. */
export const asSteps = (kinds: readonly LoadedKind[], policy: Policy): ReadonlyMap<string, StepKind> =>
  new Map(
    kinds.map(({ own, code }) => [
      own.name,
      outsideKind(code, {
        trusted: policy.kinds?.[own.name] === own.sha256,
        admit: (output) => admitOutput(own.schema, output),
      }),
    ]),
  );

/** As a journal keeps them. */
export const recordKinds = (kinds: readonly OwnKind[]): readonly RecordedKind[] =>
  kinds.map(({ name, path, sha256, schemaText: schema }) => ({ name, path, sha256, schema }));

/** As a journal kept them. What their files hold today shows when their code is loaded. */
export async function recordedKinds(recorded: readonly RecordedKind[]): Promise<readonly OwnKind[]> {
  const kinds: OwnKind[] = [];
  for (const { schema, ...code } of recorded) {
    const kind = await ownKind(code, new SourceFile(`${code.name}.schema.json`, schema));
    if (!kind.ok)
      throw new CommandError(`the journal's schema of ${code.name} cannot be read`, { exitCode: EXIT.store });
    kinds.push(kind.value);
  }
  return kinds;
}
