import { generateKeyPair, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { pki } from 'node-forge';

const DAY_MS = 24 * 60 * 60 * 1000;
/** So long the authority itself is good, before and after it was made. */
const LIFE_MS = 3650 * DAY_MS;

/** What a server shows, in PEM, and from when to when it is good. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
  readonly from: Date;
  readonly until: Date;
}

/** Who vouches for the servers of a world: nobody trusts it who was not told to. */
export class Authority {
  /** Its own certificate in PEM, and the file in which that stands. */
  readonly pem: string;
  readonly file: string;
  readonly #certificate: pki.Certificate;
  readonly #key: pki.rsa.PrivateKey;

  private constructor(pem: string, file: string, certificate: pki.Certificate, key: pki.rsa.PrivateKey) {
    this.pem = pem;
    this.file = file;
    this.#certificate = certificate;
    this.#key = key;
  }

  /** `file`: where its certificate is to stand. Its key is written nowhere. */
  static async make(file: string): Promise<Authority> {
    const { pki } = await forge();
    const key = await newKey();
    const now = Date.now();
    const own = await unsigned('An authority of a world of drillbook', key.publicKey, {
      from: new Date(now - LIFE_MS),
      until: new Date(now + LIFE_MS),
    });
    own.setIssuer(own.subject.attributes);
    own.setExtensions([
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
      { name: 'subjectKeyIdentifier' },
    ]);
    const privateKey = pki.privateKeyFromPem(key.privateKey);
    await sign(own, privateKey);
    const pem = pki.certificateToPem(own);
    await writeFile(file, pem);
    return new Authority(pem, file, own, privateKey);
  }

  /** A certificate for servers of loopback, with a key of its own. */
  async issue(life: Pick<Certificate, 'from' | 'until'>): Promise<Certificate> {
    const { pki } = await forge();
    const key = await newKey();
    const certificate = await unsigned('127.0.0.1', key.publicKey, life);
    certificate.setIssuer(this.#certificate.subject.attributes);
    certificate.setExtensions([
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'authorityKeyIdentifier',
        keyIdentifier: this.#certificate.generateSubjectKeyIdentifier().getBytes(),
      },
      {
        name: 'subjectAltName',
        altNames: [
          { type: IP_ADDRESS, ip: '127.0.0.1' },
          { type: DNS_NAME, value: 'localhost' },
        ],
      },
    ]);
    await sign(certificate, this.#key);
    return { cert: pki.certificateToPem(certificate), key: key.privateKey, ...life };
  }
}

/** How a name in a certificate is meant (RFC 5280, GeneralName). */
const DNS_NAME = 2;
const IP_ADDRESS = 7;

/** Loaded when a world speaks TLS. */
const forge = async () => (await import('node-forge')).default;

/** In PEM. Made by Node.js, in a thread of its own: node-forge would take its time over it. */
const newKey = async (): Promise<{ readonly publicKey: string; readonly privateKey: string }> =>
  await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });

async function unsigned(
  name: string,
  publicKey: string,
  { from, until }: Pick<Certificate, 'from' | 'until'>,
): Promise<pki.Certificate> {
  const { pki } = await forge();
  const certificate = pki.createCertificate();
  certificate.publicKey = pki.publicKeyFromPem(publicKey);
  // A leading bit would make it negative.
  certificate.serialNumber = `01${randomBytes(15).toString('hex')}`;
  certificate.validity.notBefore = from;
  certificate.validity.notAfter = until;
  certificate.setSubject([{ name: 'commonName', value: name }]);
  return certificate;
}

async function sign(certificate: pki.Certificate, key: pki.rsa.PrivateKey): Promise<void> {
  const { md } = await forge();
  certificate.sign(key, md.sha256.create());
}
