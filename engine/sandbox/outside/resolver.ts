import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';

const TYPES: Readonly<Record<number, Answered>> = { 1: 'A', 5: 'CNAME', 28: 'AAAA' };
const NO_SUCH_NAME = 3;
const HEADER_BYTES = 12;

type Answered = 'A' | 'AAAA' | 'CNAME';

/** What a name leads to: `{ CNAME: 'host' }`, `{ A: '203.0.113.7' }`. */
export type Leads = Readonly<Partial<Record<Exclude<Answered, 'AAAA'>, string>>>;

/** A resolver on loopback: DNS over UDP (RFC 1035), with one answer to a question or none. */
export class Resolver {
  readonly #socket: Socket;
  /** From now on nobody gets an answer. */
  silent = false;

  private constructor(socket: Socket, find: (name: string) => Leads | undefined) {
    this.#socket = socket;
    socket.on('message', (question, { port }) => {
      if (!this.silent) socket.send(answerTo(question, find), port, '127.0.0.1');
    });
  }

  /** `find`: where a name leads, in small letters; undefined when there is none. */
  static async start(find: (name: string) => Leads | undefined): Promise<Resolver> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(0, '127.0.0.1', resolve);
    });
    return new Resolver(socket, find);
  }

  /** `127.0.0.1:<port>`. */
  get address(): string {
    return `127.0.0.1:${String(this.#socket.address().port)}`;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
  }
}

/** The header, the question as it came, and what is known. */
function answerTo(question: Buffer, find: (name: string) => Leads | undefined): Buffer {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = question[at] ?? 0; length > 0; length = question[at] ?? 0) {
    labels.push(question.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  const type = question.readUInt16BE(at + 1);
  const asked = question.subarray(HEADER_BYTES, at + 5);
  const known = find(labels.join('.').toLowerCase());
  const data = dataOf(TYPES[type], known);
  const header = Buffer.from(question.subarray(0, HEADER_BYTES));
  header.writeUInt16BE(0x8180 | (known === undefined ? NO_SUCH_NAME : 0), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(data === undefined ? 0 : 1, 6);
  header.writeUInt32BE(0, 8);
  if (data === undefined) return Buffer.concat([header, asked]);
  // A pointer to the name in the question, the type, the class, a TTL of a minute, and the data.
  const record = Buffer.from([0xc0, HEADER_BYTES, 0, type, 0, 1, 0, 0, 0, 60, 0, data.length]);
  return Buffer.concat([header, asked, record, data]);
}

function dataOf(type: Answered | undefined, known: Leads | undefined): Buffer | undefined {
  if (type === 'A' && known?.A !== undefined) return Buffer.from(known.A.split('.').map(Number));
  if (type !== 'CNAME' || known?.CNAME === undefined) return undefined;
  const labels = known.CNAME.split('.').map((label) =>
    Buffer.concat([Buffer.from([label.length]), Buffer.from(label, 'latin1')]),
  );
  return Buffer.concat([...labels, Buffer.from([0])]);
}
