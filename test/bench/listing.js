// Memory over long listings: `npm run build && node test/bench/listing.js [versions] [fewer]`. A whole
// s3.restore-version, with its sweep, its checkpoints and its proof, over a bucket in which everything is as
// it should be. The bucket is made up: a server here answers with listings as S3 would, because to fill
// a real one with a million versions takes an hour. Each count has a process of its own. Nothing is asserted.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { printTable, verdict } from './side-by-side.js';

const MANY = Number(process.argv[2] ?? 1_000_000);
const FEWER = Number(process.argv[3] ?? 10_000);
const PAGE = 1000;
/** More than the few MiB by which the heap of any process grows with time would be a leak. */
const AIM_MIB = 64;

const keyOf = (n) => `uploads/2025/${String(n).padStart(9, '0')}.mp4`;

function pageOf(versions, marker) {
  const from = marker === '' ? 0 : Number(/(\d+)\.mp4$/.exec(marker)[1]) + 1;
  const to = Math.min(versions, from + PAGE);
  const entries = Array.from({ length: to - from }, (_, index) => {
    const key = encodeURIComponent(keyOf(from + index));
    return `<Version><Key>${key}</Key><VersionId>v${from + index}</VersionId><IsLatest>true</IsLatest><LastModified>2025-11-01T12:00:00.000Z</LastModified><ETag>&quot;0123456789abcdef0123456789abcdef&quot;</ETag><Size>16384</Size><StorageClass>STANDARD</StorageClass></Version>`;
  });
  const next =
    to === versions
      ? '<IsTruncated>false</IsTruncated>'
      : `<IsTruncated>true</IsTruncated><NextKeyMarker>${encodeURIComponent(keyOf(to - 1))}</NextKeyMarker>`;
  return `<ListVersionsResult><EncodingType>url</EncodingType>${next}${entries.join('')}</ListVersionsResult>`;
}

function serve(versions) {
  const server = createServer((request, response) => {
    const { searchParams: query } = new URL(request.url, 'http://s3');
    if (query.has('versions')) response.end(pageOf(versions, query.get('key-marker') ?? ''));
    else if (query.has('versioning'))
      response.end('<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>');
    else response.writeHead(404).end();
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

async function measure(versions) {
  const server = await serve(versions);
  const start = performance.now();
  const child = fork(new URL('restore-listed.js', import.meta.url), [
    `http://127.0.0.1:${server.address().port}`,
  ]);
  const [[measured]] = await Promise.all([once(child, 'message'), once(child, 'exit')]);
  server.closeAllConnections();
  server.close();
  const { unchanged } = measured.output;
  if (unchanged !== versions) throw new Error(`${unchanged} of ${versions} versions were looked at`);
  return { ...measured, seconds: (performance.now() - start) / 1000 };
}

const few = await measure(FEWER);
const many = await measure(MANY);
const mib = (bytes) => (bytes / 1024 ** 2).toFixed(0);
const grown = (many.peakBytes - few.peakBytes) / 1024 ** 2;
printTable(
  'Memory of s3.restore-version, at most',
  ['versions listed, twice', 'seconds', 'MiB', 'more MiB', 'aim, at most'],
  [
    [`${FEWER}`, few.seconds.toFixed(1), mib(few.peakBytes), '', ''],
    [
      `${MANY}`,
      many.seconds.toFixed(1),
      mib(many.peakBytes),
      grown.toFixed(0),
      verdict(AIM_MIB, grown <= AIM_MIB),
    ],
  ],
);
