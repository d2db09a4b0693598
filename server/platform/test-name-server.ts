import { createSocket } from 'node:dgram';
import packet from 'dns-packet';

/** What stands under a name: addresses, or `CNAME other.example`. A list of lists is answered one after the other. */
export type Zone = Readonly<Record<string, readonly string[] | readonly (readonly string[])[]>>;

export interface TestNameServer {
  /** `127.0.0.1:…`, as the configuration takes it. */
  readonly address: string;
  /** Names that were asked for, once for each question. */
  readonly asked: readonly string[];
  close(): void;
}

const NOT_FOUND = 3;

/** A name server on this machine. What stands not in its zone does not exist; `silent.example` is never answered. */
export async function openNameServer(zone: Zone): Promise<TestNameServer> {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  const times = new Map<string, number>();
  const recordsOf = (name: string, type: string): readonly string[] | undefined => {
    const found = zone[name];
    if (found === undefined) return undefined;
    const rounds = found.map((entry) => (typeof entry === 'string' ? [entry] : entry));
    if (found.every((entry) => typeof entry === 'string')) return rounds.flat();
    const key = `${name} ${type}`;
    const time = times.get(key) ?? 0;
    times.set(key, time + 1);
    return rounds[Math.min(time, rounds.length - 1)] ?? [];
  };
  const answersTo = (
    name: string,
    type: string,
    depth = 0,
  ): { type: string; name: string; ttl: number; data: string }[] =>
    (recordsOf(name, type) ?? []).flatMap((record) => {
      if (record.startsWith('CNAME ')) {
        const target = record.slice(6);
        const alias = { type: 'CNAME', name, ttl: 0, data: target };
        return depth > 5 ? [alias] : [alias, ...answersTo(target, type, depth + 1)];
      }
      const isSix = record.includes(':');
      return (type === 'AAAA') === isSix ? [{ type, name, ttl: 0, data: record }] : [];
    });
  socket.on('message', (message, from) => {
    const { id, questions = [] } = packet.decode(message);
    const [question] = questions;
    if (question === undefined) return;
    const name = question.name.toLowerCase();
    asked.push(name);
    if (name === 'silent.example') return;
    const flags = packet.RECURSION_DESIRED | packet.RECURSION_AVAILABLE | (zone[name] === undefined ? NOT_FOUND : 0);
    const answers = answersTo(name, question.type);
    socket.send(packet.encode({ id, type: 'response', flags, questions, answers }), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return { address: `127.0.0.1:${socket.address().port}`, asked, close: () => socket.close() };
}
