import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign as signBytes,
  verify as verifyBytes,
} from 'node:crypto';

/** What a signature is checked with, as people copy it: Base64 of its DER (SPKI), the text of a PEM file without its frame. */
export type PublicKey = string;

/** The form of an Ed25519 key: the same first bytes, and 32 of its own. */
export const PUBLIC_KEY = /^MCowBQYDK2VwAyEA[A-Za-z0-9+/]{43}=$/;

const PEM = { type: 'pkcs8', format: 'pem' } as const;
const DER = { type: 'spki', format: 'der' } as const;

/** A new key: what only its owner has, as a PEM file (PKCS#8), and what everybody may. */
export function newKey(): { readonly secret: string; readonly publicKey: PublicKey } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { secret: privateKey.export(PEM).toString(), publicKey: publicKey.export(DER).toString('base64') };
}

/** The public half of a key in a PEM file; undefined where that holds none that fits. */
export function publicKeyOf(secret: string): PublicKey | undefined {
  try {
    const publicKey = createPublicKey(createPrivateKey(secret));
    return publicKey.asymmetricKeyType === 'ed25519' ? publicKey.export(DER).toString('base64') : undefined;
  } catch {
    return undefined;
  }
}

/** Of the text's bytes, in Base64. */
export const sign = (text: string, secret: string): string =>
  signBytes(null, Buffer.from(text), createPrivateKey(secret)).toString('base64');

/** Whether that key made that signature of that text. Total: whatever is no key, or no signature, made none. */
export function verifies(text: string, publicKey: PublicKey, signature: string): boolean {
  if (!PUBLIC_KEY.test(publicKey)) return false;
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), ...DER });
    return verifyBytes(null, Buffer.from(text), key, Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
}
