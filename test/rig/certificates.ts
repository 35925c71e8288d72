import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Certificate {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
}

/** Certificates of an authority of the test’s own, made by openssl (the tag needs/openssl). */
export interface CertificatesRig {
  /** PEM of the authority. */
  readonly ca: string;
  /** For 127.0.0.1, localhost and db.internal. */
  readonly server: Certificate;
  /** For a client that shows who it is. */
  readonly client: Certificate;
}

export async function makeCertificates(): Promise<CertificatesRig> {
  const folder = await mkdtemp(join(tmpdir(), 'drillbook-test-'));
  const openssl = async (...argv: string[]): Promise<void> => {
    await run('openssl', argv, { cwd: folder });
  };
  const elliptic = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const issue = async (name: string, extensions: string): Promise<Certificate> => {
    await writeFile(join(folder, `${name}.ext`), extensions);
    await openssl(
      'req',
      ...elliptic,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
      '-subj',
      `/CN=${name}`,
    );
    await openssl(
      ...['x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'],
      ...['-days', '2', '-extfile', `${name}.ext`, '-out', `${name}.pem`],
    );
    const [cert, key] = await Promise.all(
      [`${name}.pem`, `${name}.key`].map((file) => readFile(join(folder, file), 'utf8')),
    );
    return { cert: cert ?? '', key: key ?? '' };
  };
  try {
    await openssl(
      ...['req', '-x509', ...elliptic, '-keyout', 'ca.key', '-out', 'ca.pem'],
      ...['-days', '2', '-subj', '/CN=drillbook test'],
    );
    return {
      ca: await readFile(join(folder, 'ca.pem'), 'utf8'),
      server: await issue('server', 'subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:db.internal'),
      client: await issue('client', 'extendedKeyUsage=clientAuth'),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
