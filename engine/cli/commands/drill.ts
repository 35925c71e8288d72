import type { Environment } from '../../model/environment.ts';
import type { Playbook, Rehearsal } from '../../model/playbook.ts';
import type { WorldPlan } from '../../model/world.ts';
import type { SourceFile } from '../../source/file.ts';
import { nearest } from '../../source/nearest.ts';
import { permittedAnswers, readAnswers } from '../answers.ts';
import { CommandError, EXIT } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import { findEnvironment, findPlaybook, findWorld, worldNames } from '../loading.ts';
import { expectCode } from '../own-kinds.ts';
import type { SessionOptions } from '../run/session.ts';
import { startRun } from '../run/start.ts';
import { invocation } from '../invocation.ts';

export interface DrillOptions extends SessionOptions {
  readonly env: string;
  readonly playbooks: string;
  readonly rehearsal?: string;
  readonly reason?: string;
  readonly world?: string;
  readonly answers?: string;
  readonly yes?: boolean;
}

/** `drillbook drill PLAYBOOK`: an exercise, in the sandbox unless another environment is named. */
export async function drill(name: string, options: DrillOptions): Promise<ExitCode> {
  const environment =
    options.env === 'sandbox'
      ? undefined
      : refuseProduction(await findEnvironment(options.env, options.playbooks));
  const world = await chooseWorld(options);
  const described = world?.described;
  const { playbook, sources, ownKinds } = await findPlaybook(name, options.playbooks, environment);
  const rehearsal = environment === undefined ? chooseRehearsal(playbook, options.rehearsal) : undefined;
  if (rehearsal !== undefined) await expectFault(described?.plan, rehearsal, options.playbooks);
  const given = { answers: await readAnswers(options.answers), yes: options.yes };
  return startRun(
    {
      mode: 'drill',
      playbook,
      sources,
      ownKinds: await expectCode(ownKinds),
      answers: permittedAnswers(given, { environment: environment?.kind ?? 'sandbox', playbook }),
      ...(environment !== undefined && { environment }),
      ...(options.reason !== undefined && { reason: options.reason }),
      ...(rehearsal !== undefined && { rehearsal }),
      ...(world !== undefined && { world: world.name }),
      ...(described !== undefined && { fileWorld: { file: described.file, plan: () => described.plan } }),
    },
    options,
  );
}

/** The interlock refuses each write as well; whoever mistypes an environment hears of it before anything starts. */
function refuseProduction(environment: Environment): Environment {
  if (environment.kind !== 'production') return environment;
  throw new CommandError(`"${environment.name}" is a production environment; a drill never writes to one`, {
    exitCode: EXIT.invalid,
    hint: `Nothing was changed. For the real thing: ${invocation('recover PLAYBOOK --env NAME')}`,
  });
}

/** The world that was asked for: one of a file, or one that drillbook brings. */
interface ChosenWorld {
  readonly name: string;
  /** Undefined for one that drillbook brings. */
  readonly described?: { readonly file: SourceFile; readonly plan: WorldPlan };
}

async function chooseWorld({ env, world, playbooks }: DrillOptions): Promise<ChosenWorld | undefined> {
  if (world === undefined) return undefined;
  if (env !== 'sandbox') {
    throw new CommandError(`a world is a sandbox, and this drill is to be in "${env}"`, {
      exitCode: EXIT.invalid,
      hint: 'Leave out --world, or --env.',
    });
  }
  const { WORLDS } = await import('../../sandbox/peakops/worlds.ts');
  const described = await findWorld(world, playbooks);
  if (described === undefined && WORLDS.includes(world)) return { name: world };
  if (described === undefined) {
    const known = [...worldNames(playbooks), ...WORLDS];
    throw new CommandError(`there is no world "${world}"`, {
      exitCode: EXIT.invalid,
      hint: `Did you mean "${nearest(world, known) ?? known.join('" or "')}"?`,
    });
  }
  const { name } = described.plan;
  if (!WORLDS.includes(name)) return { name, described };
  throw new CommandError(
    `there are two worlds "${name}": ${described.file.path}, and one that drillbook brings`,
    {
      exitCode: EXIT.invalid,
      hint: 'Give yours another name.',
    },
  );
}

/** Whether the world can be broken as the rehearsal says: whoever mistypes a part hears of it before anything starts. */
async function expectFault(
  plan: WorldPlan | undefined,
  { fault, name: rehearsal }: Rehearsal,
  folder: string,
): Promise<void> {
  if (fault === undefined) return;
  const { uses, part } = fault;
  const what = `the rehearsal ${rehearsal} breaks ${part === undefined ? 'a part' : `the part ${part}`} by ${uses}`;
  if (plan === undefined) {
    const { needsPart } = await import('../../sandbox/faults.ts');
    if (part === undefined && !needsPart(uses)) return;
    const known = worldNames(folder);
    throw new CommandError(`${what}, and a world that drillbook brings has no parts by name`, {
      exitCode: EXIT.invalid,
      hint: `Name the world that has it: --world ${known.join(', --world ') || 'NAME'}`,
    });
  }
  const { name, parts } = plan;
  const offering = parts.filter(({ faults }) => faults.includes(uses)).map(({ id }) => id);
  if (part === undefined ? offering.length > 0 : offering.includes(part)) return;
  const known = [...new Set(parts.flatMap(({ faults }) => faults))].join(', ');
  throw new CommandError(`${what}, which the world "${name}" has not`, {
    exitCode: EXIT.invalid,
    hint:
      offering.length > 0
        ? `That can be done to ${offering.join(' and ')}.`
        : `Its parts can be broken by ${known === '' ? 'nothing' : known}.`,
  });
}

function chooseRehearsal(playbook: Playbook, name: string | undefined): Rehearsal {
  const names = playbook.rehearsals.map((rehearsal) => rehearsal.name);
  const found =
    name === undefined
      ? playbook.rehearsals[0]
      : playbook.rehearsals.find((rehearsal) => rehearsal.name === name);
  if (found !== undefined) return found;
  if (name === undefined) {
    throw new CommandError(`${playbook.id} has no rehearsal, so the sandbox does not know what to break`, {
      exitCode: EXIT.invalid,
      hint: 'Add `rehearsals:` to the playbook, with a fault and the answers for it.',
    });
  }
  const near = nearest(name, names) ?? names.join(', ');
  throw new CommandError(`${playbook.id} has no rehearsal "${name}"`, {
    exitCode: EXIT.invalid,
    hint: `Did you mean "${near}"?`,
  });
}
