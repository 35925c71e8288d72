// Keeps a file of each visit, the last hundred of them, as long as there is room.
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { argv, env } from 'node:process';

let visits = 0;

createServer((_, response) => {
  try {
    visits += 1;
    writeFileSync(`${env.FILES}/${visits % 100}`, 'x'.repeat(50_000));
    response.end(JSON.stringify({ visits }));
  } catch (error) {
    response.writeHead(507).end(JSON.stringify({ message: error.message }));
  }
}).listen(Number(argv[2]), '127.0.0.1');
