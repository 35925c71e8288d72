import type { Command } from 'commander';
import { Option } from 'commander';
import type { FindingOptions, FindingsOptions } from './commands/findings.ts';
import type { ExitCode } from './exit.ts';
import { OPERATOR, withOut, withStore } from './shared-options.ts';

type MakeCommand = (nameAndArguments: string, description: string) => Command;
type Done = (code: ExitCode) => void;

/** `drillbook findings`: what is open. */
export function findingsCommand(command: MakeCommand, done: Done): void {
  withOut(withStore(command('findings [playbook]', 'what was found in runs and is still to be seen to')))
    .option('--all', 'those that are done too')
    .option('--json', 'as JSON')
    .action(async (playbook: string | undefined, options: FindingsOptions) =>
      done(await (await import('./commands/findings.ts')).findings(playbook, options)),
    );
}

/** `drillbook finding`: notes one, or that it was seen to. */
export function findingCommand(command: MakeCommand, done: Done): void {
  withStore(command('finding [run] [text]', 'note what a run has shown, who sees to it, and by when'))
    .option('--owner <name>', 'who sees to it')
    .option('--due <date>', 'by when, such as 2026-01-31')
    .addOption(new Option('--done <id>', 'it was seen to').conflicts(['owner', 'due']))
    .option('--reason <text>', 'with --done: how')
    .option('--operator <name>', OPERATOR)
    .action(async (run: string | undefined, text: string | undefined, options: FindingOptions) =>
      done(await (await import('./commands/findings.ts')).finding(run, text, options)),
    );
}
