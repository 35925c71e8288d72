import { Argument } from 'commander';
import type { Command } from 'commander';
import type { AbandonOptions } from './commands/abandon.ts';
import type { ApproveOptions } from './commands/approve.ts';
import type { BoardCommandOptions } from './commands/board.ts';
import type { CarryOutOptions } from './commands/carry-out.ts';
import type { JoinOptions } from './commands/join.ts';
import type { StoreAction, StoreCommandOptions } from './commands/store.ts';
import type { WorkerOptions } from './commands/worker.ts';
import type { ExitCode } from './exit.ts';
import { OPERATOR, withPlaybooks, withStore } from './shared-options.ts';

type MakeCommand = (nameAndArguments: string, description: string) => Command;
type Done = (code: ExitCode) => void;

/** What a team shares, and who carries out what it asks for. */
export function teamCommands(command: MakeCommand, done: Done): void {
  storeCommand(command, done);
  workerCommand(command, done);
}

/** `drillbook store`: what a team shares. */
function storeCommand(command: MakeCommand, done: Done): void {
  withStore(
    command(
      'store',
      'the store in PostgreSQL that a team shares: make it, look at it, move runs',
    ).addArgument(new Argument('<does>', 'what').choices(['init', 'status', 'import', 'export', 'prune'])),
  )
    .argument('[folder]', 'of import and export: a store that is a folder')
    .option('--json', 'as JSON')
    .option('--before <date>', 'with prune: runs that ended before it')
    .option('--reason <text>', 'with prune: why, for the register')
    .option('--yes', 'with prune: removes them; without it they are only named')
    .action(async (does: StoreAction, folder: string | undefined, options: StoreCommandOptions) =>
      done(await (await import('./commands/store.ts')).store(does, folder, options)),
    );
}

/** What people do to a run that another process drives, or drove. */
export function peopleCommands(command: MakeCommand, done: Done): void {
  withStore(command('abandon <run>', 'end a run that nobody will resume; what it owes is written down'))
    .option('--reason <text>', 'why')
    .option('--operator <name>', OPERATOR)
    .action(async (run: string, options: AbandonOptions) =>
      done(await (await import('./commands/abandon.ts')).abandon(run, options)),
    );
  withSpeaker(
    command('join [run]', 'watch a run that another process drives, and answer what is asked of you'),
  )
    .option('--json', 'its events as JSON lines, and nobody is asked')
    .action(async (run: string | undefined, options: JoinOptions) =>
      done(await (await import('./commands/join.ts')).join(run, options)),
    );
  withSpeaker(command('approve <run> [step]', 'approve, signed, the step of a run that waits for it'))
    .option('--yes', 'without being asked whether it is that step')
    .action(async (run: string, step: string | undefined, options: ApproveOptions) =>
      done(await (await import('./commands/approve.ts')).approve(run, step, options)),
    );
  keyCommand(command, done);
}

/** `drillbook key FILE`. */
function keyCommand(command: MakeCommand, done: Done): void {
  command('key <file>', 'make a key with which you prove from elsewhere that it is you').action(
    async (file: string) => done(await (await import('./commands/key.ts')).key(file)),
  );
}

const withSpeaker = (command: Command): Command =>
  withStore(command)
    .option('--operator <name>', OPERATOR)
    .option(
      '--key <file>',
      'the key that proves it, where the environment has one of you (or DRILLBOOK_KEY)',
    );

/** `drillbook worker`: carries out what others ask for. */
function workerCommand(command: MakeCommand, done: Done): void {
  withPlaybooks(
    withStore(
      command(
        'worker',
        'carries out unattended what was asked for with --queue, and what is due',
      ).addArgument(
        new Argument('[does]', 'list: who works, at what, and when each was last heard of').choices(['list']),
      ),
    ),
  )
    .option('--env <name>', 'the environment whose runs it takes', 'sandbox')
    .option('--name <name>', 'what the others see it as; host and process without it')
    .option('--json', 'with list: as JSON')
    .action(async (does: 'list' | undefined, options: WorkerOptions) =>
      done(await (await import('./commands/worker.ts')).worker(does, options)),
    );
}

/** What a worker starts for each run; hidden, since nobody types it. */
export function carryOutCommand(program: Command, done: Done): void {
  withPlaybooks(withStore(program.command('carry-out <run>', { hidden: true }).exitOverride())).action(
    async (run: string, options: CarryOutOptions) =>
      done(await (await import('./commands/carry-out.ts')).carryOut(run, options)),
  );
}

/** `drillbook board`: the runs in a browser. */
export function boardCommand(command: MakeCommand, done: Done): void {
  withStore(command('board', 'the runs in a browser of this machine: watch them, and answer what they ask'))
    .option('--listen <address>', 'where: a port of this machine; 0 for any that is free', '127.0.0.1:7420')
    .option('--as <name>', 'as whom you answer, as the environment lists people (or DRILLBOOK_OPERATOR)')
    .action(async (options: BoardCommandOptions) =>
      done(await (await import('./commands/board.ts')).board(options)),
    );
}
