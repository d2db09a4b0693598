import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';

/** A mail server on this machine that keeps what it receives as files: nobody outside ever gets a mail. */
export interface Mailbox {
  /** `smtp://127.0.0.1:PORT` */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * @param folder where each mail becomes one `.eml` file, before it is acknowledged
 * @param port 0 takes any free one
 */
export async function openMailbox(folder: string, port = 0): Promise<Mailbox> {
  mkdirSync(folder, { recursive: true });
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    logger: false,
    onData(stream, _session, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.once('error', callback);
      stream.once('end', () => keep(folder, Buffer.concat(chunks)).then(() => callback(), callback));
    },
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  server.on('error', (error) => console.error(`The demonstration's mail server had trouble: ${error.message}`));
  const bound = server.server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the mail server has no port');
  return {
    url: `smtp://127.0.0.1:${bound.port}`,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

/** Whole or not at all, named by its arrival so that a listing is in order. */
async function keep(folder: string, mail: Buffer): Promise<void> {
  const name = `${new Date().toISOString().replaceAll(':', '-')}-${randomUUID().slice(0, 8)}.eml`;
  await writeFile(join(folder, `.${name}`), mail);
  await rename(join(folder, `.${name}`), join(folder, name));
}
