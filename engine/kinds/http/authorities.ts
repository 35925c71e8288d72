import { readFile } from 'node:fs/promises';
import type { SecureContext } from 'node:tls';
import { StepError } from '../../model/kind.ts';

/** What a connection is told of the authorities that it trusts; empty for those of Node.js. */
export interface Trust {
  readonly ca?: string[];
  readonly secureContext?: SecureContext;
}

const CERTIFICATE = /-----BEGIN (?:TRUSTED )?CERTIFICATE-----[\s\S]+?-----END (?:TRUSTED )?CERTIFICATE-----/;

/**
 * The authorities that this machine names beside the public ones: by `NODE_EXTRA_CA_CERTS`, which Node.js reads at its
 * start, and by `SSL_CERT_FILE`, which OpenSSL, curl, Go and Python know. A file that cannot be read or holds no
 * certificate is refused: Node.js would pass over it with a warning.
 *
 * @param own what the connection shows or trusts by itself; with a `ca` it trusts that alone
 */
export async function trustOfMachine(
  own: { readonly ca?: string; readonly cert?: string } = {},
  variables: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Trust> {
  const extra = await certificatesIn('NODE_EXTRA_CA_CERTS', variables);
  const added = await certificatesIn('SSL_CERT_FILE', variables);
  if (added === undefined || own.ca !== undefined) return {};
  const { createSecureContext, rootCertificates } = await import('node:tls');
  const ca = [...rootCertificates, added, ...(extra === undefined ? [] : [extra])];
  if (own.cert !== undefined) return { ca };
  // To read the public ones takes a tenth of a second, so it is done once.
  const key = ca.slice(rootCertificates.length).join('\n');
  const secureContext = contexts.get(key) ?? createSecureContext({ ca });
  contexts.set(key, secureContext);
  return { secureContext };
}

const contexts = new Map<string, SecureContext>();

async function certificatesIn(
  variable: string,
  variables: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const path = variables[variable] ?? '';
  if (path === '') return undefined;
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw refused(`${variable} names ${path}, which cannot be read (${why})`, variable, cause);
  });
  if (CERTIFICATE.test(text)) return text;
  throw refused(`${variable} names ${path}, which holds no certificate in PEM`, variable);
}

const refused = (message: string, variable: string, cause?: unknown): StepError =>
  new StepError(`${message}: nothing was sent`, {
    code: 'notConfigured',
    hint: `Let ${variable} name a file of certificates in PEM, or unset it.`,
    cause,
  });
