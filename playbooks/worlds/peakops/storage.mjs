import { createHash, createHmac } from 'node:crypto';
import { request } from 'node:http';

const { env } = process;

let region = env.AWS_S3_REGION_NAME;

/** The bucket that django-storages' variables name; undefined when they name none. */
export const bucket = env.AWS_STORAGE_BUCKET_NAME || undefined;

/** Resolves when S3 has confirmed that it has it. */
export async function put(key, body) {
  await send('PUT', key, body);
}

/** How many bytes an object has; rejects with S3's code when it cannot be read. */
export const size = async (key) => (await send('GET', key)).length;

async function send(method, key, body = '') {
  const { status, headers, bytes } = await ask(method, key, body);
  if (status >= 200 && status < 300) return bytes;
  const elsewhere = headers['x-amz-bucket-region'];
  if (status === 301 && elsewhere !== undefined && elsewhere !== region) {
    // As AWS's libraries do: a bucket is found in its region, whatever the variables say.
    region = elsewhere;
    return await send(method, key, body);
  }
  const code = /<Code>(\w+)<\/Code>/.exec(bytes)?.[1] ?? status;
  throw new Error(`${code}: ${method} ${bucket}/${key}`);
}

function ask(method, key, body) {
  const url = new URL(`/${bucket}/${encodeURI(key)}`, env.AWS_S3_ENDPOINT_URL);
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers: signed(method, url, body), timeout: 5000 }, (answer) => {
      const chunks = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('end', () => {
        resolve({ status: answer.statusCode, headers: answer.headers, bytes: Buffer.concat(chunks) });
      });
      answer.on('error', reject);
    });
    asked.on('timeout', () => asked.destroy(new Error('S3 does not answer')));
    asked.on('error', reject);
    asked.end(body);
  });
}

/** The headers of AWS's signature of version 4. */
function signed(method, { host, pathname }, body) {
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const day = time.slice(0, 8);
  const scope = `${day}/${region}/s3/aws4_request`;
  const headers = { host, 'x-amz-content-sha256': sha256(body), 'x-amz-date': time };
  const names = Object.keys(headers).join(';');
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  const canonical = [method, pathname, '', lines.join(''), names, sha256(body)].join('\n');
  const steps = [day, region, 's3', 'aws4_request'];
  const key = steps.reduce(hmac, `AWS4${env.AWS_SECRET_ACCESS_KEY}`);
  const signature = hmac(key, ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n')).toString('hex');
  const credential = `Credential=${env.AWS_ACCESS_KEY_ID}/${scope}`;
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${names}, Signature=${signature}`,
  };
}

const sha256 = (text) => createHash('sha256').update(text).digest('hex');
const hmac = (key, text) => createHmac('sha256', key).update(text).digest();
