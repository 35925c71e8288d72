// Stands for your application until worlds/shop.yaml starts that one: it says whether its database can be reached.
import { createServer } from 'node:http';
import { connect } from 'node:net';

const database = new URL(process.env.DATABASE_URL);
const port = Number(process.argv[process.argv.indexOf('--port') + 1]);

createServer((request, response) => {
  const socket = connect(Number(database.port), database.hostname);
  const answer = (status, text) => {
    socket.destroy();
    if (!response.writableEnded) response.writeHead(status).end(text);
  };
  socket.once('connect', () => answer(200, 'The shop is open.'));
  socket.once('error', () => answer(503, 'The shop is closed.'));
}).listen(port, '127.0.0.1');
