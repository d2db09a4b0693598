/**
 * Receivers in a process of their own: as many as the argument says, of which the last never answers. Writes their
 * ports as JSON, then lives until it is killed.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';

const count = Number(process.argv[2]);
const ports: number[] = [];
for (let index = 0; index < count; index += 1) {
  const isStuck = index === count - 1;
  const server = createServer((request, response) => {
    request.resume();
    if (!isStuck) request.on('end', () => response.writeHead(204).end());
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  ports.push(typeof address === 'object' && address !== null ? address.port : 0);
}
process.stdout.write(`${JSON.stringify(ports)}\n`);
