import { EvaluationError, OperatorNeeded } from '../model/ports.ts';
import { StepError } from '../model/kind.ts';
import { harmless } from '../base/text.ts';
import { CommandError, EXIT } from './exit.ts';
import type { ExitCode } from './exit.ts';
import { printDiagnostic, printError, sayError, style } from './terminal.ts';
import { invocation } from './invocation.ts';

/**
 * Tells a person what went wrong, on standard error, and gives the exit code for it.
 * Only a fault of drillbook itself gets as far as a stack trace, and then with what to do about it.
 */
export async function explain(error: unknown): Promise<ExitCode> {
  const { StoreError } = await import('../journal/store.ts');
  if (error instanceof CommandError) return tell(error.message, error.hint, error.exitCode);
  if (error instanceof StoreError) {
    // A run that does not exist is a slip of the pen, not a store that refuses.
    return tell(error.message, error.hint, error.code === 'missing' ? EXIT.invalid : EXIT.store);
  }
  if (error instanceof StepError) return tell(error.message, error.hint, EXIT.failed);
  if (error instanceof OperatorNeeded) {
    const hint = 'Run it on a terminal, or give the answer with --answers FILE.';
    return tell(`${error.message} (${error.question.key})`, hint, EXIT.operatorNeeded);
  }
  if (error instanceof EvaluationError) {
    const { message, expression } = error;
    const diagnostic = { code: 'DB900', severity: 'error', message, span: expression.span } as const;
    printDiagnostic(diagnostic);
    return EXIT.failed;
  }
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
  printError(`${style.red('drillbook has a fault:')} ${harmless(trace)}`);
  sayError(`Whatever the run had done is in its journal; ${invocation('resume')} goes on from there.`);
  return EXIT.failed;
}

function tell(message: string, hint: string | undefined, exitCode: ExitCode): ExitCode {
  sayError(`${style.red('error:')} ${harmless(message)}`, 'error: '.length);
  if (hint !== undefined) sayError(`  ${harmless(hint)}`);
  return exitCode;
}
