import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';
import { StreamMessageReader, StreamMessageWriter, createMessageConnection } from 'vscode-jsonrpc/node';
import type { MessageConnection } from 'vscode-jsonrpc/node';
import type {
  CodeAction,
  Diagnostic,
  Position,
  PublishDiagnosticsParams,
  TextEdit,
  WorkspaceEdit,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { MAIN, temporaryFolder } from './drillbook.ts';

/** An editor, as the server sees it: what it is told, and what it asks. */
export class Editor {
  readonly folder: string;
  readonly connection: MessageConnection;
  readonly ended: Promise<number | null>;
  readonly #told = new Map<string, readonly Diagnostic[]>();
  readonly #waiting = new Set<() => void>();
  readonly #versions = new Map<string, number>();
  readonly #texts = new Map<string, string>();

  constructor(folder: string, connection: MessageConnection, ended: Promise<number | null>) {
    this.folder = folder;
    this.connection = connection;
    this.ended = ended;
    connection.onNotification(
      'textDocument/publishDiagnostics',
      ({ uri, diagnostics }: PublishDiagnosticsParams) => {
        this.#told.set(uri, diagnostics);
        for (const look of this.#waiting) look();
      },
    );
  }

  uri(name: string): string {
    return pathToFileURL(join(this.folder, name)).href;
  }

  /** Opens a file with a text that need not be on the disk. */
  async open(name: string, text = readFileSync(join(this.folder, name), 'utf8')): Promise<void> {
    this.#texts.set(name, text);
    this.#versions.set(name, 1);
    await this.connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri: this.uri(name), languageId: 'yaml', version: 1, text },
    });
  }

  /** Types another text. */
  async change(name: string, text: string): Promise<void> {
    const version = (this.#versions.get(name) ?? 1) + 1;
    this.#texts.set(name, text);
    this.#versions.set(name, version);
    await this.connection.sendNotification('textDocument/didChange', {
      textDocument: { uri: this.uri(name), version },
      contentChanges: [{ text }],
    });
  }

  async close(name: string): Promise<void> {
    this.#texts.delete(name);
    await this.connection.sendNotification('textDocument/didClose', {
      textDocument: { uri: this.uri(name) },
    });
  }

  /** The first diagnostics of a file that are as wanted. */
  diagnostics(
    name: string,
    wanted: (found: readonly Diagnostic[]) => boolean = () => true,
  ): Promise<readonly Diagnostic[]> {
    const uri = this.uri(name);
    return new Promise((resolve) => {
      const look = (): void => {
        const found = this.#told.get(uri);
        if (found === undefined || !wanted(found)) return;
        this.#waiting.delete(look);
        resolve(found);
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** Asks about the place where `|` stands in a text, which is opened or typed first without it. */
  async ask<T>(method: string, name: string, marked: string, more: object = {}): Promise<T> {
    const offset = marked.indexOf('|');
    const text = marked.slice(0, offset) + marked.slice(offset + 1);
    if (this.#texts.get(name) === undefined) await this.open(name, text);
    else if (this.#texts.get(name) !== text) await this.change(name, text);
    return this.connection.sendRequest<T>(method, {
      textDocument: { uri: this.uri(name) },
      position: positionIn(text, offset),
      ...more,
    });
  }

  /** The quick fixes of a file as it is now. */
  async fixes(name: string): Promise<readonly CodeAction[]> {
    const text = this.#texts.get(name) ?? '';
    return this.connection.sendRequest('textDocument/codeAction', {
      textDocument: { uri: this.uri(name) },
      range: { start: { line: 0, character: 0 }, end: positionIn(text, text.length) },
      context: { diagnostics: [] },
    });
  }

  /** A file's text after an edit. */
  applied(name: string, edit: WorkspaceEdit | null | undefined): string {
    const edits: TextEdit[] = edit?.changes?.[this.uri(name)] ?? [];
    return TextDocument.applyEdits(documentOf(this.#texts.get(name) ?? ''), edits);
  }
}

const documentOf = (text: string): TextDocument => TextDocument.create('file:///text', 'yaml', 0, text);

const positionIn = (text: string, offset: number): Position => documentOf(text).positionAt(offset);

/** Starts the built server in a folder with these files, and says hello to it. */
export async function startEditor(files: Readonly<Record<string, string>> = {}): Promise<Editor> {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const child = spawn(process.execPath, [MAIN, 'lsp', '--stdio'], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  connection.listen();
  onTestFinished(async () => {
    connection.dispose();
    child.stdin.destroy();
    await ended;
  });
  await connection.sendRequest('initialize', { processId: process.pid, rootUri: null, capabilities: {} });
  await connection.sendNotification('initialized', {});
  return new Editor(folder, connection, ended);
}
