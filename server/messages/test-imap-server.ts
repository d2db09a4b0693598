import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestCertificate } from './test-certificate.ts';

const DOVECOT = '/usr/sbin/dovecot';
const PASSWORD = 'right-password';

/** A real Dovecot on 127.0.0.1 with one user, whose mail lies in a Maildir that a test writes into. */
export interface TestImapServer {
  /** In clear, or with STARTTLS where it has a certificate. */
  readonly port: number;
  /** TLS from the first byte; null without a certificate. */
  readonly tlsPort: number | null;
  readonly user: string;
  readonly password: string;
  /** Puts a mail into the folder, as a mail server does. @param at when it came, now when absent */
  deliver(raw: string | Buffer, options?: { readonly at?: Date; readonly folder?: string }): void;
  /** The server counts anew from now on: it forgets the numbers it gave. */
  renumber(): Promise<void>;
  /** From now on this is the password. */
  setPassword(password: string): Promise<void>;
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Opens one; nothing of it needs rights, and all of it lies in a directory that goes with it. */
export async function openTestImapServer(
  options: { readonly certificate?: TestCertificate } = {},
): Promise<TestImapServer> {
  if (!existsSync(DOVECOT)) throw new Error('These tests need Dovecot: sudo apt-get install dovecot-imapd');
  const { uid, gid } = runner();
  const place = mkdtempSync(join(tmpdir(), 'kept-imap-'));
  const own = (path: string) => chownSync(path, uid, gid);
  const makeFolder = (path: string) => {
    if (existsSync(path)) return;
    mkdirSync(path);
    own(path);
  };
  const put = (path: string, content: string | Buffer) => {
    writeFileSync(path, content, { mode: 0o600 });
    own(path);
  };
  own(place);
  const port = await freePort();
  const tlsPort = options.certificate === undefined ? null : await freePort();
  const user = 'dpo';
  const mail = join(place, 'mail');
  for (const folder of [mail, join(place, 'run'), join(place, 'home')]) makeFolder(folder);
  put(join(place, 'dovecot.conf'), configuration(place, port, tlsPort));
  if (options.certificate !== undefined) {
    put(join(place, 'certificate.pem'), options.certificate.certificate);
    put(join(place, 'key.pem'), options.certificate.key);
  }
  let current = '';
  const setPassword = async (password: string) => {
    if (password === current) return;
    put(join(place, 'users'), `${user}:{PLAIN}${password}::::::\n`);
    // Dovecot looks once a second whether the file has changed.
    if (current !== '') await sleep(1_500);
    current = password;
  };
  await setPassword(PASSWORD);
  const readLog = () => (existsSync(join(place, 'log')) ? readFileSync(join(place, 'log'), 'utf8') : 'no log');
  let running: ChildProcess | null = null;
  let delivered = 0;

  async function start(): Promise<void> {
    running = spawn(DOVECOT, ['-F', '-c', join(place, 'dovecot.conf')], { stdio: 'ignore', uid, gid, cwd: place });
    await waitForGreeting(port, readLog);
  }
  async function stop(): Promise<void> {
    const ending = running;
    running = null;
    if (ending === null || ending.exitCode !== null) return;
    ending.kill('SIGTERM');
    await once(ending, 'exit');
  }
  await start();
  return {
    port,
    tlsPort,
    user,
    password: PASSWORD,
    deliver(raw, { at, folder = 'INBOX' } = {}) {
      delivered += 1;
      const box = folder === 'INBOX' ? mail : join(mail, `.${folder}`);
      makeFolder(box);
      for (const part of ['tmp', 'new', 'cur']) makeFolder(join(box, part));
      const file = `${process.hrtime.bigint()}.M${delivered}.test`;
      put(join(box, 'tmp', file), raw);
      if (at !== undefined) utimesSync(join(box, 'tmp', file), at, at);
      renameSync(join(box, 'tmp', file), join(box, 'new', file));
    },
    async renumber() {
      await stop();
      for (const path of readdirSync(mail, { recursive: true, encoding: 'utf8' }))
        if (basename(path).startsWith('dovecot')) rmSync(join(mail, path));
      // The number it counts under is made from the seconds of the clock.
      await sleep(1_100);
      await start();
    },
    setPassword,
    stop,
    start,
    async close() {
      await stop();
      rmSync(place, { recursive: true, force: true });
    },
  };
}

/** Who runs it: whoever runs the tests, but never root. */
function runner(): { readonly uid: number; readonly gid: number; readonly name: string } {
  const { uid, gid, username } = userInfo();
  // Debian: nobody, nogroup.
  return uid === 0 ? { uid: 65_534, gid: 65_534, name: 'nobody' } : { uid, gid, name: username };
}

function configuration(place: string, port: number, tlsPort: number | null): string {
  const { uid, gid, name } = runner();
  const group = userInfo().uid === 0 ? 'nogroup' : groupName();
  const tls = `ssl = yes
ssl_cert = <${place}/certificate.pem
ssl_key = <${place}/key.pem
ssl_min_protocol = TLSv1.2`;
  return `
base_dir = ${place}/run
state_dir = ${place}/run
log_path = ${place}/log
protocols = imap
listen = 127.0.0.1
mail_location = maildir:${place}/mail
first_valid_uid = 0
first_valid_gid = 0
default_internal_user = ${name}
default_internal_group = ${group}
default_login_user = ${name}
auth_mechanisms = plain login
disable_plaintext_auth = no
auth_failure_delay = 0
mail_max_userip_connections = 100
${tlsPort === null ? 'ssl = no' : tls}
passdb {
  driver = passwd-file
  args = ${place}/users
}
userdb {
  driver = static
  args = uid=${uid} gid=${gid} home=${place}/home
}
service imap-login {
  chroot =
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = ${tlsPort ?? 0}
    ssl = yes
  }
}
service anvil {
  chroot =
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service stats {
  chroot =
}
`;
}

function groupName(): string {
  const { gid } = userInfo();
  const line = readFileSync('/etc/group', 'utf8')
    .split('\n')
    .find((entry) => entry.split(':')[2] === String(gid));
  return line?.split(':')[0] ?? 'nogroup';
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('there is no free port');
  return address.port;
}

async function waitForGreeting(port: number, log: () => string): Promise<void> {
  for (let waitedMs = 0; waitedMs < 15_000; waitedMs += 50) {
    if (await greets(port)) return;
    await sleep(50);
  }
  throw new Error(`Dovecot did not start:\n${log()}`);
}

async function greets(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    const [greeting] = await once(socket, 'data', { signal: AbortSignal.timeout(1_000) });
    return String(greeting).startsWith('* OK');
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
