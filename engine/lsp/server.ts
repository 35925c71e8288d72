import {
  CodeActionKind,
  DidChangeWatchedFilesNotification,
  TextDocumentSyncKind,
  TextDocuments,
  createConnection,
} from 'vscode-languageserver/node';
import type {
  Connection,
  InitializeParams,
  InitializeResult,
  TextDocumentPositionParams,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { Checker } from './checker.ts';
import { toldOf } from './diagnostics.ts';
import type { Engine } from './engine.ts';
import { folderOf, isOurs, pathOf, uriOf } from './files.ts';
import { fixesOf } from './fixes.ts';
import { completionsAt } from './completion.ts';
import { definitionsAt } from './definition.ts';
import { hoverAt } from './hover.ts';
import { documentOf } from './places.ts';
import type { Place } from './places.ts';
import { prepareRename, rename } from './rename.ts';
import { Workspace } from './workspace.ts';

interface Streams {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** Speaks the Language Server Protocol over two streams, until the editor ends it or is gone. */
export function serve(engine: Engine, { input, output }: Streams, version: string): void {
  const connection = createConnection(input, output);
  const workspace = new Workspace(engine);
  const documents = new TextDocuments(TextDocument);
  const checker = new Checker(workspace, (path, diagnostics) => {
    void connection.sendDiagnostics({ uri: uriOf(path), diagnostics: diagnostics.map(toldOf) });
  });
  connection.onInitialize((params) => answerInitialize(params, connection, version));
  followTexts(documents, workspace, checker);
  followFiles(connection, checker);
  answerQuestions(connection, workspace);
  documents.listen(connection);
  connection.listen();
}

function answerInitialize(
  { capabilities }: InitializeParams,
  connection: Connection,
  version: string,
): InitializeResult {
  if (capabilities.workspace?.didChangeWatchedFiles?.dynamicRegistration === true) {
    connection.onInitialized(() => {
      void connection.client.register(DidChangeWatchedFilesNotification.type, {
        watchers: [{ globPattern: '**/*.{yaml,yml}' }],
      });
    });
  }
  return {
    capabilities: {
      textDocumentSync: TextDocumentSyncKind.Incremental,
      completionProvider: { triggerCharacters: ['.', ' ', '{'] },
      hoverProvider: true,
      definitionProvider: true,
      renameProvider: { prepareProvider: true },
      codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
    },
    serverInfo: { name: 'drillbook', version },
  };
}

function followTexts(documents: TextDocuments<TextDocument>, workspace: Workspace, checker: Checker): void {
  const folders = new Set<string>();
  documents.onDidChangeContent(({ document }) => {
    const path = pathOf(document.uri);
    const text = document.getText();
    if (path === undefined || !isOurs(path, text)) return;
    workspace.put(path, text);
    checker.changed(path);
    const folder = folderOf(path);
    if (folders.has(folder)) return;
    folders.add(folder);
    checker.folderChanged(folder);
  });
  documents.onDidClose(({ document }) => {
    const path = pathOf(document.uri);
    if (path === undefined) return;
    workspace.close(path);
    checker.takeBack(path);
    if (folders.has(folderOf(path))) checker.changed(path);
  });
}

/** What others do to the files: a branch that was checked out, a playbook that was taken over. */
function followFiles(connection: Connection, checker: Checker): void {
  connection.onDidChangeWatchedFiles(({ changes }) => {
    const paths = changes.flatMap(({ uri }) => pathOf(uri) ?? []);
    const folders = new Set(paths.filter((path) => isOurs(path, '')).map(folderOf));
    for (const folder of folders) checker.folderChanged(folder);
  });
}

function answerQuestions(connection: Connection, workspace: Workspace): void {
  connection.onCodeAction(async ({ textDocument, range }) => {
    const path = openPath(workspace, textDocument.uri);
    return path === undefined ? [] : [...fixesOf(path, await workspace.diagnosticsOf(path), range)];
  });
  connection.onCompletion(async (params) => {
    const at = placeOf(workspace, params);
    return at === undefined ? [] : [...(await completionsAt(workspace, at.path, at.offset))];
  });
  connection.onHover(async (params) => {
    const at = placeOf(workspace, params);
    return at === undefined ? null : ((await hoverAt(workspace, at.path, at.offset)) ?? null);
  });
  connection.onDefinition(async (params) => {
    const at = placeOf(workspace, params);
    return at === undefined ? [] : [...(await definitionsAt(workspace, at.path, at.offset))];
  });
  connection.onPrepareRename(async (params) => {
    const at = placeOf(workspace, params);
    return at === undefined ? null : prepareRename(workspace, at.path, at.offset);
  });
  connection.onRenameRequest(async (params) => {
    const at = placeOf(workspace, params);
    return at === undefined ? null : rename(workspace, at, params.newName);
  });
}

/** The path of a file that is open and ours. */
function openPath(workspace: Workspace, uri: string): string | undefined {
  const path = pathOf(uri);
  return path !== undefined && workspace.openPaths.includes(path) ? path : undefined;
}

function placeOf(
  workspace: Workspace,
  { textDocument, position }: TextDocumentPositionParams,
): Place | undefined {
  const path = openPath(workspace, textDocument.uri);
  const file = path === undefined ? undefined : workspace.read(path);
  if (path === undefined || file?.ok !== true) return undefined;
  return { path, offset: documentOf(file.value).offsetAt(position) };
}
