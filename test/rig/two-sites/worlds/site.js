// A site that says which of the two it is.
import { createServer } from 'node:http';
import { argv } from 'node:process';

const [name, port] = argv.slice(2);
createServer((_, response) =>
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ site: name })),
).listen(Number(port), '127.0.0.1');
