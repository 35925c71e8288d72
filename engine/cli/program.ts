import { Argument, Command, CommanderError, Option } from 'commander';
import type { AuditOptions } from './commands/audit.ts';
import { check } from './commands/check.ts';
import type { CheckOptions } from './commands/check.ts';
import type { DocsOptions } from './commands/docs.ts';
import type { DoctorOptions } from './commands/doctor.ts';
import type { DrillOptions } from './commands/drill.ts';
import type { HistoryOptions } from './commands/history.ts';
import type { ImproveOptions } from './commands/improve.ts';
import type { InitOptions } from './commands/init.ts';
import type { ListOptions } from './commands/list.ts';
import type { MonitorOptions } from './commands/monitor.ts';
import type { NewOptions } from './commands/new.ts';
import type { PlanOptions } from './commands/plan.ts';
import type { ProveCommandOptions } from './commands/prove.ts';
import type { RecoverOptions } from './commands/recover.ts';
import type { ReportOptions } from './commands/report.ts';
import type { ResumeOptions } from './commands/resume.ts';
import type { RunsOptions } from './commands/runs.ts';
import type { ScheduleOptions } from './commands/schedule.ts';
import type { SchemaOptions } from './commands/schema.ts';
import { EXAMPLES } from './examples.ts';
import { findingCommand, findingsCommand } from './finding-commands.ts';
import { boardCommand, carryOutCommand, peopleCommands, teamCommands } from './team-commands.ts';
import { OPERATOR, goesIntoFile, withOut, withPlaybooks, withRun, withStore } from './shared-options.ts';
import { openOut } from './out-file.ts';
import type { OutFile } from './out-file.ts';
import { CommandError, EXIT } from './exit.ts';
import type { ExitCode } from './exit.ts';
import { engineVersion } from './package-info.ts';
import { explain } from './explain.ts';
import { carry } from './invocation.ts';
import { outliveReaders } from './lost-output.ts';

/**
 * Reads the command line and runs one command.
 *
 * @param argv as `process.argv`
 * @returns the exit code; whatever went wrong has been printed by then
 */
export async function main(argv: readonly string[]): Promise<ExitCode> {
  outliveReaders();
  let exitCode: ExitCode = EXIT.done;
  const program = buildProgram((code) => {
    exitCode = code;
  });
  const out: { file?: OutFile } = {};
  program.hook('preAction', (_, action) => {
    const { out: path } = action.opts<{ out?: string }>();
    if (path !== undefined && goesIntoFile(action)) out.file = openOut(path);
  });
  try {
    await program.parseAsync([...argv]);
    out.file?.keep();
    return exitCode;
  } catch (error) {
    out.file?.drop();
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.invalid;
    return explain(error);
  }
}

/** Except for `check`, what loads a playbook and no more, a command's module is loaded when it runs. */
function buildProgram(done: (code: ExitCode) => void): Command {
  const program = new Command('drillbook')
    .description('Executable runbooks for disaster recovery: checked, rehearsed, resumable, measured.')
    .version(engineVersion())
    .exitOverride()
    .showHelpAfterError('(drillbook --help, or drillbook COMMAND --help, tells more)')
    .showSuggestionAfterError()
    .configureHelp({ sortSubcommands: false })
    .addHelpCommand(new Command('help [command]').description('what a command takes').helpGroup('Look:'));

  const command = (nameAndArguments: string, description: string): Command =>
    program.command(nameAndArguments).description(description).exitOverride();

  program.commandsGroup('Rehearse:');

  withRun(
    withPlaybooks(
      withStore(
        command('drill [playbook]', 'an exercise: break a sandbox, recover it, measure; asked without it'),
      ),
    ),
  )
    .option('--env <name>', 'the environment', 'sandbox')
    .option('--rehearsal <name>', 'which of the playbook’s rehearsals; the first without it')
    .option('--blind', 'a rehearsal drawn by chance, and not said which before the drill has ended')
    .option(
      '--tabletop',
      'goes through the playbook with people and clock, and touches nothing; --env may be production',
    )
    .option('--reason <text>', 'why, for the log of operations: the schedule, a new colleague')
    .option(
      '--world <name>',
      'which sandbox: a world of worlds/ in the folder of playbooks, or one that drillbook brings',
    )
    .option('--queue', 'does not wait for it: a worker carries it out, unattended')
    .option('--key <key>', 'with --queue: asked again with the same key, it is the same run')
    .action(async (playbook: string | undefined, options: DrillOptions) =>
      done(await (await import('./commands/drill.ts')).drill(playbook, options)),
    );

  withOut(withPlaybooks(withStore(command('plan <playbook>', 'what each step would do; changes nothing'))))
    .requiredOption('--env <name>', 'the environment')
    .option('--answers <file>', 'inputs, as YAML or JSON')
    .option('--probe', 'looks for the secrets, programs and addresses that the steps need')
    .option('--json', 'as JSON')
    .action(async (playbook: string, options: PlanOptions) =>
      done(await (await import('./commands/plan.ts')).plan(playbook, options)),
    );

  withOut(
    withPlaybooks(
      withStore(
        command(
          'prove [backups...]',
          'restore your own backups into copies that are thrown away, and check them',
        ),
      ),
    ),
  )
    .option('--operator <name>', OPERATOR)
    .option('--reason <text>', 'why, for the log of operations')
    .option('--last', 'what the last proof of each found; proves nothing anew')
    .option('--html', 'as one page, to be read in a browser or printed')
    .addOption(new Option('--json', 'as JSON').conflicts('html'))
    .action(async (backups: string[], options: ProveCommandOptions) =>
      done(await (await import('./commands/prove.ts')).prove(backups, options)),
    );

  withOut(withPlaybooks(withStore(command('schedule', 'which drills are due; exit 1 when one is overdue'))))
    .option('--ics', 'as a calendar (iCalendar)')
    .option('--json', 'as JSON')
    .action(async (options: ScheduleOptions) =>
      done(await (await import('./commands/schedule.ts')).schedule(options)),
    );

  program.commandsGroup('Recover:');

  withRun(withPlaybooks(withStore(command('recover <playbook>', 'the real thing'))))
    .requiredOption('--env <name>', 'the environment')
    .option('--reason <text>', 'why: a ticket, an alert')
    .action(async (playbook: string, options: RecoverOptions) =>
      done(await (await import('./commands/recover.ts')).recover(playbook, options)),
    );

  withRun(withStore(command('resume [run]', 'go on after a pause or a crash'))).action(
    async (run: string | undefined, options: ResumeOptions) =>
      done(await (await import('./commands/resume.ts')).resume(run, options)),
  );

  peopleCommands(command, done);

  program.commandsGroup('Look:');

  withOut(withPlaybooks(withStore(command('list', 'the playbooks, their objectives and their last drill'))))
    .option('--json', 'as JSON')
    .option('--shipped', 'the examples that drillbook ships; new ID --from takes one over')
    .action(async (options: ListOptions) => done(await (await import('./commands/list.ts')).list(options)));

  withOut(withStore(command('runs', 'the runs of this store')))
    .option('--json', 'as JSON')
    .action(async (options: RunsOptions) => done(await (await import('./commands/runs.ts')).runs(options)));

  withOut(withStore(command('report [run]', 'what a run proved; the newest without a name')))
    .addOption(
      new Option('--format <format>', 'how').choices(['text', 'md', 'html', 'json', 'junit']).default('text'),
    )
    .option(
      '--otlp <url>',
      'in place of a report: sends the run as a trace to a receiver of OpenTelemetry (OTLP)',
    )
    .action(async (run: string | undefined, options: ReportOptions) =>
      done(await (await import('./commands/report.ts')).report(run, options)),
    );

  withOut(
    withPlaybooks(
      withStore(command('history [playbook]', 'RTA and RPA from run to run, against the objectives')),
    ),
  )
    .option('--json', 'as JSON')
    .addOption(
      new Option('--openmetrics', 'as figures for Prometheus and the like (OpenMetrics)').conflicts('json'),
    )
    .addOption(
      new Option('--format <format>', 'html: all of it as a page to look at; scorecard: its first page alone')
        .choices(['text', 'html', 'scorecard'])
        .default('text')
        .conflicts(['json', 'openmetrics']),
    )
    .action(async (playbook: string | undefined, options: HistoryOptions) =>
      done(await (await import('./commands/history.ts')).history(playbook, options)),
    );

  boardCommand(command, done);

  findingsCommand(command, done);

  withOut(withStore(command('audit', 'the log of operations: drills, recoveries, backups, restores')))
    .addOption(new Option('--format <format>', 'how').choices(['text', 'csv', 'json']).default('text'))
    .option('--verify', 'prove that nothing was altered or removed; exit 5 when something was')
    .option(
      '--head <hash>',
      'with --verify: prove it against a head noted elsewhere, since hashes without a key do not show a store written anew',
    )
    .option('--since <date>', 'from this date or time on')
    .option('--playbook <id>', 'of this playbook only')
    .option('--env <name>', 'in this environment only')
    .action(async (options: AuditOptions) =>
      done(await (await import('./commands/audit.ts')).audit(options)),
    );

  program.commandsGroup('Write:');

  withPlaybooks(
    command('init', 'a folder to begin with: environment, playbook, schedule, and what drills it'),
  )
    .option('--template <name>', 'what it is about; asked without it')
    .action(async (options: InitOptions) => done(await (await import('./commands/init.ts')).init(options)));

  withPlaybooks(command('new <id>', 'one more playbook, which can be drilled as it is'))
    .option('--title <title>', 'what people call it')
    .addOption(new Option('--template <name>', 'what it is about; asked without it').conflicts('from'))
    .option('--from <id>', 'take over a shipped playbook, with the procedures that it calls')
    .action(async (id: string, options: NewOptions) =>
      done(await (await import('./commands/new.ts')).newPlaybook(id, options)),
    );

  withOut(withPlaybooks(command('check [files...]', 'validate playbooks and environments')))
    .addOption(
      new Option('--format <format>', 'how problems are written')
        .choices(['pretty', 'json', 'sarif', 'github'])
        .default('pretty'),
    )
    .option('--env <name>', 'also hold the playbooks against this environment')
    .action(async (files: string[], options: CheckOptions) => done(await check(files, options)));

  withPlaybooks(command('schema', 'the schema of playbooks for editors, with the kinds of your own in it'))
    .option('-o, --out <file>', 'where it is written; beside the playbooks without it')
    .action(async (options: SchemaOptions) =>
      done(await (await import('./commands/schema.ts')).schema(options)),
    );

  command('lsp', 'the language server for editors: docs/editors.md says how each starts it')
    .option('--stdio', 'over standard input and output, as always')
    // Editors add words of their own.
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async () => (await import('./commands/lsp.ts')).lsp());

  withPlaybooks(withStore(command('docs', 'the playbooks as pages for people, in Markdown')))
    .option('-o, --out <dir>', 'where the pages are', 'docs/playbooks')
    .option('--env <name>', 'whose names and contacts they show; production when there is one')
    .option('--check', 'write nothing; exit 1 when a page is not up to date')
    .addOption(
      new Option('--measured [file]', 'only the page of what the runs of the store measured')
        .preset('docs/measured.md')
        .conflicts('check'),
    )
    .action(async (options: DocsOptions) => done(await (await import('./commands/docs.ts')).docs(options)));

  withOut(withStore(command('improve [run]', 'what a run says should change in its playbook, as a diff')))
    .option('--apply', 'make these changes')
    .action(async (run: string | undefined, options: ImproveOptions) =>
      done(await (await import('./commands/improve.ts')).improvePlaybook(run, options)),
    );

  program
    .command('completion')
    .description('what teaches a shell to complete commands, playbooks, runs')
    .exitOverride()
    .addArgument(new Argument('<shell>', 'which').choices(['bash', 'zsh', 'fish']))
    .action(async (shell: string) => {
      await (await import('./commands/completion.ts')).completionScript(shell);
    });

  program.commandsGroup('Keep:');

  findingCommand(command, done);

  withPlaybooks(withStore(command('monitor', 'backup alerts; exit 1 while one is firing')))
    .option('--env <name>', 'another environment than the one of monitors.yaml')
    .option('--every <duration>', 'again and again, such as 1h')
    .option('--json', 'as JSON, a line for each evaluation')
    .action(async (options: MonitorOptions) =>
      done(await (await import('./commands/monitor.ts')).monitor(options)),
    );

  teamCommands(command, done);

  withPlaybooks(command('doctor', 'preflight: tools, access, fingerprints, versions'))
    .option('--env <name>', 'the environment', 'sandbox')
    .option('--json', 'as JSON')
    .action(async (options: DoctorOptions) =>
      done(await (await import('./commands/doctor.ts')).doctor(options)),
    );

  carryOutCommand(program, done);

  // What the scripts of `completion` call.
  program
    .command('complete [words...]', { hidden: true })
    .exitOverride()
    .action(async (words: string[]) => {
      await (await import('./commands/completion.ts')).completeWords(program, words);
    });

  program.hook('preAction', (_, action) => {
    forgetEmptyVariables();
    const given = Object.entries(action.opts<Record<string, unknown>>()).filter(
      (option): option is [string, string] =>
        action.getOptionValueSource(option[0]) === 'cli' && typeof option[1] === 'string',
    );
    for (const [name, value] of given) if (value.trim() === '') throw emptyOption(name);
    carry({ given: Object.fromEntries(given), takes: (name, option) => takes(program, name, option) });
  });

  for (const each of program.commands) {
    const lines = EXAMPLES[each.name()]?.map((line) => `  drillbook ${line}`);
    if (lines !== undefined) each.addHelpText('after', `\nExamples:\n${lines.join('\n')}`);
  }

  return program;
}

/** A variable that is empty says nothing, as where the secret of a CI job is not set: no folder, and nobody's name. */
function forgetEmptyVariables(): void {
  for (const name of ['DRILLBOOK_STORE', 'DRILLBOOK_OPERATOR'])
    if ((process.env[name] ?? '').trim() === '') Reflect.deleteProperty(process.env, name);
}

/** As a variable of the shell gives it that is not set: a folder, an environment or a person of no name is none. */
const emptyOption = (name: string): CommandError =>
  new CommandError(`--${name} is empty; nothing was changed`, {
    exitCode: EXIT.invalid,
    hint: 'Give it a value, or leave it out. In a script: is the variable set that stands there?',
  });

const takes = (program: Command, name: string, option: string): boolean =>
  program.commands.some(
    (each) => each.name() === name && each.options.some(({ long }) => long === `--${option}`),
  );
