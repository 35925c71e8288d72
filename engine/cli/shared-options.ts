import type { Command } from 'commander';

// Options that several commands take.

export const withPlaybooks = (command: Command): Command =>
  command.option('--playbooks <dir>', 'where playbooks and environments are', 'playbooks');

export const withStore = (command: Command): Command =>
  command.option('--store <place>', 'where runs are kept: a folder, or postgresql://… (or DRILLBOOK_STORE)');

const intoFiles = new WeakSet<Command>();

/** Of a command whose output people keep. */
export function withOut(command: Command): Command {
  intoFiles.add(command);
  return command.option('-o, --out <file>', 'the file that it goes to, in place of standard output');
}

/** Whether what the command prints may go into a file. */
export const goesIntoFile = (command: Command): boolean => intoFiles.has(command);

export const OPERATOR = 'who you are, as the environment lists people (or DRILLBOOK_OPERATOR)';

export const withRun = (command: Command): Command =>
  command
    .option('--operator <name>', OPERATOR)
    .option('--answers <file>', 'answers to inputs and gates, as YAML or JSON')
    .option('--yes', 'answer every gate with go; never on production')
    .option('--unattended', 'no questions, though this is a terminal')
    .option('--plain', 'lines in place of a screen that moves, questions too: for screen readers')
    .option('--json', 'events as JSON lines');
