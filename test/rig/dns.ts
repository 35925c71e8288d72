import { createSocket } from 'node:dgram';
import { afterAll } from 'vitest';

const TYPES: Readonly<Record<number, string>> = { 1: 'A', 5: 'CNAME', 28: 'AAAA' };
const NO_SUCH_NAME = 3;

/** A resolver on loopback, which answers from a table that a test may change: `app.example.com` → `{ CNAME: … }`. */
export interface DnsRig {
  /** `127.0.0.1:<port>`. */
  readonly address: string;
  readonly names: Map<string, { readonly CNAME?: string; readonly A?: string }>;
  /** From now on nobody gets an answer. */
  silent: boolean;
}

/** It ends after the tests of the file. */
export async function startDns(): Promise<DnsRig> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  const rig: DnsRig = { address: `127.0.0.1:${String(port)}`, names: new Map(), silent: false };
  socket.on('message', (question, { port: from }) => {
    if (!rig.silent) socket.send(answerTo(question, rig.names), from, '127.0.0.1');
  });
  afterAll(() => new Promise<void>((resolve) => socket.close(() => resolve())));
  return rig;
}

/** RFC 1035: the header, the question as it came, and one answer to it or none. */
function answerTo(question: Buffer, names: DnsRig['names']): Buffer {
  const labels: string[] = [];
  let at = 12;
  for (let length = question[at] ?? 0; length > 0; length = question[at] ?? 0) {
    labels.push(question.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  const type = question.readUInt16BE(at + 1);
  const asked = question.subarray(12, at + 5);
  const known = names.get(labels.join('.').toLowerCase());
  const data = dataOf(TYPES[type], known);
  const header = Buffer.from(question.subarray(0, 12));
  header.writeUInt16BE(0x8180 | (known === undefined ? NO_SUCH_NAME : 0), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(data === undefined ? 0 : 1, 6);
  header.writeUInt32BE(0, 8);
  if (data === undefined) return Buffer.concat([header, asked]);
  // A pointer to the name in the question, the type, the class, a TTL of a minute, and the data.
  const record = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, data.length]);
  return Buffer.concat([header, asked, record, data]);
}

function dataOf(
  type: string | undefined,
  known: { readonly CNAME?: string; readonly A?: string } | undefined,
): Buffer | undefined {
  if (type === 'A' && known?.A !== undefined) return Buffer.from(known.A.split('.').map(Number));
  if (type !== 'CNAME' || known?.CNAME === undefined) return undefined;
  const labels = known.CNAME.split('.').map((label) =>
    Buffer.concat([Buffer.from([label.length]), Buffer.from(label, 'latin1')]),
  );
  return Buffer.concat([...labels, Buffer.from([0])]);
}
