import type { SentMessageInfo } from 'nodemailer';
import type SMTPTransport from 'nodemailer/lib/smtp-transport/index.js';
import type { Value, ValueMap } from '../../base/value.ts';
import { isValueMap } from '../../base/value.ts';
import { StepError } from '../../model/kind.ts';
import { optionalInteger, optionalText, text, texts } from '../context/members.ts';
import { plainText } from '../context/reveal.ts';
import type { Message, Speaker } from './message.ts';
import { announced } from './message.ts';

const TIMEOUT_MS = 15_000;
const PORTS: Readonly<Record<string, number>> = { starttls: 587, implicit: 465, none: 25 };

/** Sends a mail by SMTP. Not encrypted only where the channel says `tls: none` (RFC 8314 for the ports). */
export async function toMail(
  settings: Value,
  message: Message,
  speaker: Speaker,
): Promise<readonly string[]> {
  const channel = isValueMap(settings) ? settings : {};
  const { createTransport } = await import('nodemailer');
  const transport = createTransport(await optionsOf(channel, speaker));
  const sending = transport.sendMail({
    from: text(channel, 'from'),
    to: [...texts(channel, 'to')],
    subject: announced(message.subject, speaker),
    text: message.text,
    // The same in every life of the run: a mail that was sent twice is shown once by many programs.
    messageId: `<${speaker.run.id}.${speaker.step.replaceAll(/[^\w.-]+/g, '-')}@drillbook>`,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    return refusedOf(await orAbort(sending, speaker.signal));
  } catch (cause) {
    speaker.signal.throwIfAborted();
    throw mailError(cause, channel);
  } finally {
    transport.close();
  }
}

async function optionsOf(channel: ValueMap, speaker: Speaker): Promise<SMTPTransport.Options> {
  const tls = optionalText(channel, 'tls') ?? 'starttls';
  const auth = isValueMap(channel['auth']) ? channel['auth'] : undefined;
  const ca = channel['ca'] === undefined ? undefined : await plainText(channel['ca'], 'smtp.ca', speaker);
  return {
    host: text(channel, 'host'),
    port: optionalInteger(channel, 'port') ?? PORTS[tls] ?? 587,
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    dnsTimeout: TIMEOUT_MS,
    ...(ca !== undefined && { tls: { ca } }),
    ...(auth !== undefined && {
      auth: {
        user: await plainText(auth['username'] ?? '', 'smtp.auth.username', speaker),
        pass: await plainText(auth['password'] ?? '', 'smtp.auth.password', speaker),
      },
    }),
  };
}

/** nodemailer knows no signal: the mail may still go out, but nobody waits for it. */
function orAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(new Error('aborted'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** Addresses that the server did not take, while it took others. */
const refusedOf = (info: SentMessageInfo): readonly string[] => {
  const rejected: unknown = info.rejected;
  return Array.isArray(rejected) ? rejected.map(String) : [];
};

/** By nodemailer's own codes: https://nodemailer.com/errors */
const KNOWN: Readonly<
  Record<string, { readonly code: string; readonly what: string; readonly hint?: string }>
> = {
  EAUTH: {
    code: 'auth',
    what: 'does not accept the user and the password',
    hint: 'Check the secrets of "auth"; many providers want a password made for this application.',
  },
  ENOAUTH: { code: 'auth', what: 'wants a user and a password', hint: 'Add "auth" to the channel.' },
  ETLS: {
    code: 'tls',
    what: 'cannot be talked to in a secure way',
    hint: 'Check "tls" (starttls, implicit or none), the port, and "ca" where the certificate is your own.',
  },
  EDNS: { code: 'dns', what: 'cannot be resolved', hint: 'Check "host", and the DNS of this machine.' },
  ECONNECTION: { code: 'unreachable', what: 'cannot be reached' },
  ESOCKET: { code: 'unreachable', what: 'cannot be reached' },
  ETIMEDOUT: { code: 'timeout', what: 'does not answer' },
  EENVELOPE: { code: 'refused', what: 'does not take the sender or the recipients' },
  EMESSAGE: { code: 'refused', what: 'does not take the message' },
};

function mailError(cause: unknown, channel: ValueMap): StepError {
  const error = cause instanceof Error ? cause : new Error(String(cause));
  const code = 'code' in error ? String(error.code) : '';
  // A certificate that does not hold comes as an error of the socket.
  const certificate = /certificate|self.signed|CERT_|altnames|SSL|wrong version number/i.test(error.message);
  const known = KNOWN[certificate ? 'ETLS' : code] ?? { code: 'refused', what: 'did not take the mail' };
  const status = 'responseCode' in error ? Number(error.responseCode) : 0;
  const host = `${text(channel, 'host')}:${optionalInteger(channel, 'port') ?? PORTS[optionalText(channel, 'tls') ?? 'starttls'] ?? ''}`;
  return new StepError(`the mail server ${host} ${known.what}: ${error.message}`, {
    code: known.code,
    // 4yz: try again later (RFC 5321, 4.2.1).
    retryable: ['unreachable', 'timeout', 'dns'].includes(known.code) || (status >= 400 && status < 500),
    cause,
    ...(known.hint !== undefined && { hint: known.hint }),
  });
}
