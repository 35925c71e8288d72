import type { JsonObject } from '../base/json.ts';
import { count } from '../base/human.ts';
import { harmlessJson } from '../base/text.ts';
import { output } from '../report/output.ts';
import type { Diagnostic } from '../source/diagnostic.ts';
import { formatDiagnostic } from '../source/frame.ts';
import { engineVersion } from './package-info.ts';
import { listWidth, style } from './terminal.ts';

export type ProblemFormat = 'pretty' | 'json' | 'sarif' | 'github';

/** Problems as people, programs, code scanning (SARIF 2.1.0) or GitHub's workflow log want them. */
export function formatProblems(
  diagnostics: readonly Diagnostic[],
  files: number,
  format: ProblemFormat,
): string {
  switch (format) {
    case 'pretty':
      return pretty(diagnostics, files);
    case 'json':
      return harmlessJson(output('check', { files, diagnostics: diagnostics.map(asJson) }), 2);
    case 'sarif':
      return harmlessJson(sarif(diagnostics), 2);
    case 'github':
      return diagnostics.map(githubCommand).join('\n');
  }
}

function pretty(diagnostics: readonly Diagnostic[], files: number): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  const warnings = diagnostics.length - errors;
  const frames = diagnostics.map(
    (diagnostic) => `${formatDiagnostic(diagnostic, { color: style.color, width: listWidth() })}\n\n`,
  );
  const total = `${count(files, 'file')} checked: ${count(errors, 'error')}, ${count(warnings, 'warning')}`;
  return `${frames.join('')}${errors > 0 ? style.red(total) : style.green(total)}`;
}

function place(diagnostic: Diagnostic) {
  const { span } = diagnostic;
  if (span === undefined) return undefined;
  const start = span.file.position(span.start);
  const end = span.file.position(span.end);
  return { file: span.file.path, start, end };
}

function asJson(diagnostic: Diagnostic): JsonObject {
  const { code, severity, message, hint, related = [] } = diagnostic;
  const at = place(diagnostic);
  return {
    code,
    severity,
    message,
    ...(hint !== undefined && { hint }),
    ...(at !== undefined && { file: at.file, ...at.start, endLine: at.end.line, endColumn: at.end.column }),
    related: related.map(({ message: text, span }) => ({
      message: text,
      file: span.file.path,
      ...span.file.position(span.start),
    })),
  };
}

/** https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html */
function sarif(diagnostics: readonly Diagnostic[]) {
  const codes = [...new Set(diagnostics.map(({ code }) => code))].sort();
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: { name: 'drillbook', version: engineVersion(), rules: codes.map((id) => ({ id })) },
        },
        results: diagnostics.map((diagnostic) => {
          const at = place(diagnostic);
          const { code, severity, message, hint } = diagnostic;
          return {
            ruleId: code,
            level: severity,
            message: { text: hint === undefined ? message : `${message}. ${hint}` },
            locations:
              at === undefined
                ? []
                : [
                    {
                      physicalLocation: {
                        artifactLocation: { uri: at.file },
                        region: {
                          startLine: at.start.line,
                          startColumn: at.start.column,
                          endLine: at.end.line,
                          endColumn: at.end.column,
                        },
                      },
                    },
                  ],
          };
        }),
      },
    ],
  };
}

/** A workflow command: GitHub shows it beside the line. Its escapes are those of the runner. */
function githubCommand(diagnostic: Diagnostic): string {
  const at = place(diagnostic);
  const where =
    at === undefined
      ? ''
      : ` file=${at.file},line=${at.start.line},col=${at.start.column},title=${diagnostic.code}`;
  const text =
    diagnostic.hint === undefined ? diagnostic.message : `${diagnostic.message}. ${diagnostic.hint}`;
  const escaped = text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  return `::${diagnostic.severity}${where}::${escaped}`;
}
