// Stands for your API until worlds/my-app.yaml starts that one: it says whether its database can be reached.
import { createServer } from 'node:http';
import { connect } from 'node:net';

const database = new URL(process.env.DATABASE_URL);

createServer((request, response) => {
  const socket = connect(Number(database.port), database.hostname);
  const answer = (status, text) => {
    socket.destroy();
    if (!response.writableEnded) response.writeHead(status).end(text);
  };
  socket.once('connect', () => answer(200, 'My app is up.'));
  socket.once('error', () => answer(503, 'My app is down.'));
}).listen(Number(process.env.PORT), '127.0.0.1');
