/**
 * A process of its own that updates rows of a table, one at a time, and measures each: what the customers of the
 * customer feel. `node disposal-foreground.ts URL TABLE FROM TO`; it says `ready`, stops when its
 * input ends, and prints its latencies in milliseconds as one line of JSON.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

const [url = '', table = '', from = '0', to = '0'] = process.argv.slice(2);
const connections = 2;
/**
 * Customers come when they come: an update is due every so often on each connection, and its latency counts from then,
 * not from when the one before had been answered. Else whoever waits a second for a lock would count as one.
 */
const everyMs = 5;
const latencies: number[] = [];
let isOver = false;

process.stdin.on('end', () => {
  isOver = true;
});
process.stdin.resume();
const clients = await Promise.all(
  Array.from({ length: connections }, async () => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    return client;
  }),
);
const text = `update ${pg.escapeIdentifier(table)} set touched = touched + 1 where id = $1`;
const pick = () => Number(from) + Math.floor(Math.random() * (Number(to) - Number(from)));
for (const client of clients) await client.query({ name: 'touch', text, values: [pick()] });
process.stdout.write('ready\n');
await Promise.all(
  clients.map(async (client) => {
    for (let dueMs = performance.now(); !isOver; dueMs += everyMs) {
      const earlyMs = dueMs - performance.now();
      if (earlyMs > 0) await sleep(earlyMs);
      await client.query({ name: 'touch', text, values: [pick()] });
      latencies.push(performance.now() - dueMs);
    }
    await client.end();
  }),
);
process.stdout.write(`${JSON.stringify(latencies)}\n`);
