import { createHash } from 'node:crypto';
import type { Checksum } from './checksums.ts';
import { Verification, checksumIn } from './checksums.ts';
import { S3Error } from './errors.ts';
import type { S3Request } from './request.ts';
import type { Caller } from './signature.ts';
import { equal, sha256 } from './signature.ts';

const MAX_DOCUMENT_BYTES = 8 * 1024 * 1024;
const MAX_LINE_BYTES = 8192;

/** The body of a request: taken out of its chunks, and held against its checksums and signatures. */
export class Payload {
  readonly #request: S3Request;
  readonly #caller: Caller;
  #trailers: Record<string, string> = {};

  constructor(request: S3Request, caller: Caller) {
    this.#request = request;
    this.#caller = caller;
  }

  /** The checksum that came with it; complete once the body has been read. */
  get checksum(): Checksum | undefined {
    return checksumIn(this.#request.headers) ?? checksumIn(this.#trailers);
  }

  /** The bytes as they come in. Throws after the last one when they were not those announced. */
  async *read(): AsyncGenerator<Buffer> {
    const { headers } = this.#request;
    const chunked = (headers['x-amz-content-sha256'] ?? '').startsWith('STREAMING-');
    const announced = chunked ? headers['x-amz-decoded-content-length'] : headers['content-length'];
    if (announced === undefined) throw new S3Error('MissingContentLength');
    const verification = new Verification(headers, () => this.#trailers);
    let size = 0;
    for await (const chunk of chunked ? this.#unwrap() : this.#request.body) {
      size += chunk.length;
      verification.update(chunk);
      yield chunk;
    }
    if (size !== Number(announced)) throw new S3Error('IncompleteBody');
    verification.finish();
  }

  /** A body that is a document, in memory. */
  async text(): Promise<string> {
    const { headers } = this.#request;
    if ((headers['content-length'] ?? '0') === '0' && headers['transfer-encoding'] === undefined) return '';
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of this.read()) {
      size += chunk.length;
      if (size > MAX_DOCUMENT_BYTES) throw new S3Error('EntityTooLarge');
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  }

  /** `aws-chunked`: each chunk with its length and, where the payload is signed, a signature over the one before. */
  async *#unwrap(): AsyncGenerator<Buffer> {
    const reader = new ByteReader(this.#request.body);
    const signed = this.#request.headers['x-amz-content-sha256']?.includes('AWS4-HMAC-SHA256') === true;
    let previous = this.#caller.signature;
    for (;;) {
      const [length = '', signature = ''] = (await reader.line()).split(';chunk-signature=');
      const size = /^[0-9a-f]+$/i.test(length) ? parseInt(length, 16) : NaN;
      if (Number.isNaN(size)) throw new S3Error('IncompleteBody');
      const hash = createHash('sha256');
      for await (const piece of reader.take(size)) {
        if (signed) hash.update(piece);
        yield piece;
      }
      if (signed) {
        const rest = [previous, sha256(''), hash.digest('hex')];
        const expected = await this.#caller.sign('AWS4-HMAC-SHA256-PAYLOAD', rest);
        if (!equal(expected, signature)) throw new S3Error('SignatureDoesNotMatch');
        previous = signature;
      }
      if (size === 0) break;
      await reader.line();
    }
    await this.#readTrailers(reader, signed ? previous : undefined);
  }

  async #readTrailers(reader: ByteReader, previous: string | undefined): Promise<void> {
    const trailers: Record<string, string> = {};
    for (let line = await reader.line(); line !== ''; line = await reader.line()) {
      const colon = line.indexOf(':');
      trailers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
    }
    const { 'x-amz-trailer-signature': signature, ...announced } = trailers;
    if (previous !== undefined && Object.keys(announced).length > 0) {
      const text = Object.entries(announced).map(([name, value]) => `${name}:${value}\n`);
      const expected = await this.#caller.sign('AWS4-HMAC-SHA256-TRAILER', [previous, sha256(text.join(''))]);
      if (!equal(expected, signature ?? '')) throw new S3Error('SignatureDoesNotMatch');
    }
    this.#trailers = announced;
  }
}

/** Lines and runs of bytes out of a stream, without holding more than one chunk of it. */
class ByteReader {
  readonly #source: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Up to the next line end, without it; the rest when the stream ends before. */
  async line(): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf('\r\n');
      if (end >= 0) {
        const line = this.#rest.toString('latin1', 0, end);
        this.#rest = this.#rest.subarray(end + 2);
        return line;
      }
      if (this.#rest.length > MAX_LINE_BYTES) throw new S3Error('IncompleteBody');
      if (!(await this.#more())) {
        const line = this.#rest.toString('latin1');
        this.#rest = Buffer.alloc(0);
        return line;
      }
    }
  }

  async *take(count: number): AsyncGenerator<Buffer> {
    let missing = count;
    while (missing > 0) {
      if (this.#rest.length === 0 && !(await this.#more())) throw new S3Error('IncompleteBody');
      const piece = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(piece.length);
      missing -= piece.length;
      if (piece.length > 0) yield piece;
    }
  }

  async #more(): Promise<boolean> {
    const next = await this.#source.next();
    if (next.done === true) return false;
    this.#rest = this.#rest.length === 0 ? next.value : Buffer.concat([this.#rest, next.value]);
    return true;
  }
}
