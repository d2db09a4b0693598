import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Client } from '@kept/sdk';
import { boardLines } from '../../cli/board-table.ts';
import { findLocalServer } from '../../cli/connection.ts';
import { openTerminal } from '../../cli/terminal.ts';
import { languageOf } from '../../cli/wording.ts';
import { dayMs } from './ages.ts';
import * as conduct from './conduct.ts';
import { buildConsole, consoleIsStale } from './console-build.ts';
import { rotateBackups, volumesIn, writeVolumes } from './files.ts';
import { openMailbox } from './mailbox.ts';
import { openAsOwner } from './owner.ts';
import type { GenerateOptions } from './people.ts';
import { clear, originOf, type Place, placeIn, writeSecrets } from './place.ts';
import { prepareProductDatabase, productNames } from './product-database.ts';
import { reporterOn } from './report.ts';
import { type ServerProcess, startServer } from './server-process.ts';

const SEED = 20_261_120;
const HOUR_MS = 3_600_000;

const language = languageOf(process.env);
const terminal = openTerminal({ out: process.stdout, err: process.stderr, in: process.stdin }, process.env);
const report = reporterOn(terminal, language);

try {
  process.exitCode = await demonstrate();
} catch (error) {
  report.failed(error);
  process.exitCode = 1;
}

/** Everything from an installed checkout to the board; then it stays until it is told to stop. */
async function demonstrate(): Promise<number> {
  const options = readOptions();
  if (options === undefined) return 2;
  const place = placeIn(resolve(process.env['KEPT_DATA_DIR'] || '.kept'));
  const running = findLocalServer(place.dataDirectory);
  if (running !== undefined) throw new Error(report.alreadyRuns(running.address, running.pid));
  if (options.fresh) begin(place);
  const origin = originOf(place, { seed: SEED, scale: options.scale, now: new Date() });
  const mailbox = await openMailbox(place.mail);
  try {
    return await serve(place, origin, mailbox.url);
  } finally {
    await mailbox.close();
  }
}

async function serve(place: Place, origin: GenerateOptions, smtpUrl: string): Promise<number> {
  const building = consoleIsStale() ? buildConsole() : Promise.resolve(null);
  const told = listenForStop();
  let server: ServerProcess | undefined;
  try {
    server = await startServer(serverEnvironment(place, smtpUrl), place.dataDirectory, place.serverLog, told.pass);
    await load(place, server, origin);
    report.consoleBuilt(await building);
    await takeThrough(place, server);
    if (!told.stopping) await stay(place, server);
  } catch (error) {
    // Whoever stops it interrupts what is under way; the next start goes on from there.
    if (!told.stopping) throw error;
  } finally {
    if (!told.stopping) server?.signal('SIGTERM');
    const code = (await server?.ended) ?? 0;
    report.stopped(told.stopping && code === 0);
  }
  return 0;
}

function readOptions(): { fresh: boolean; scale: number } | undefined {
  try {
    const { values } = parseArgs({
      options: { fresh: { type: 'boolean' }, scale: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    });
    const scale = Number(values.scale ?? 1);
    if (values.help || !(scale > 0 && scale <= 20)) throw new TypeError('help');
    return { fresh: values.fresh ?? false, scale };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    report.usage();
    return undefined;
  }
}

function begin(place: Place): void {
  if ((process.env['DATABASE_URL'] ?? '') !== '') throw new Error(report.freshNeedsEmbedded());
  report.deleted(clear(place));
}

function serverEnvironment(place: Place, smtpUrl: string): NodeJS.ProcessEnv {
  return {
    KEPT_MAIL_FROM: 'Maré <privacidade@mare.example>',
    KEPT_SMTP_URL: smtpUrl,
    ...process.env,
    KEPT_DATA_DIR: place.dataDirectory,
    // Empty: the file in the data directory, to which the example's credentials are added.
    KEPT_SECRETS_FILE: '',
  };
}

/** Files and rows of the product, each there as a whole or made now; then the credentials with which Kept reaches them. */
async function load(place: Place, server: ServerProcess, options: GenerateOptions) {
  const { media, logs, backups } = volumesIn(place.volumes);
  const files = await writeVolumes(place.volumes, options);
  await rotateBackups(backups, new Date());
  const adminUrl = server.databaseAdminUrl ?? process.env['DATABASE_URL'] ?? '';
  const bar = report.bar();
  const database = await prepareProductDatabase(adminUrl, productNames(), options, bar.update).finally(bar.done);
  writeSecrets(place, conduct.organisation.slug, {
    'mare-crm': database.disposalUrl,
    'mare-media': media,
    'mare-logs': logs,
    'mare-backups': backups,
  });
  report.loaded(database.loaded, files);
}

/** From the empty organisation to a measured board. Begun again after an interruption it goes on where it was. */
async function takeThrough(place: Place, server: ServerProcess): Promise<void> {
  await conduct.createOrganisation(server.connect());
  const client = server.connect(conduct.organisation.slug);
  await conduct.publish(client);
  const review = new Date(Date.now() + 120 * dayMs).toISOString().slice(0, 10);
  await conduct.placeHolds(client, review);
  const isFirst = !(await conduct.hasDisposedArrears(client));
  if (isFirst) {
    const underWay = await conduct.findGeneralRun(client);
    if (underWay !== undefined) await follow(client, underWay);
    // A run that began by the clock before anybody approved anything leaves the arrears.
    if (!(await conduct.hasDisposedArrears(client))) await follow(client, await planned(client));
  }
  // Contracts past their grace end by themselves; after half a minute without that the board says what is missing.
  await conduct.settle(client, 30_000, true, (run) => follow(client, run));
  report.ends(await conduct.listEnds(client));
  const board = isFirst ? await conduct.boardAfterRuns(client) : await conduct.currentBoard(client);
  terminal.print('');
  for (const line of boardLines(board, language, terminal)) terminal.print(line);
  const { owner, url } = await openAsOwner(server.connect(), place.ownerFile, conduct.organisation.slug, language);
  report.ready(url, owner);
}

async function planned(client: Client): Promise<conduct.Run> {
  const { rows, run } = await conduct.planAndApprove(client);
  report.approved(rows);
  return run;
}

async function follow(client: Client, begun: conduct.Run): Promise<void> {
  const bar = report.bar();
  const wait = { everyMs: 150, onProgress: (run: conduct.Run) => bar.update(run.disposed, run.expected) };
  let run = await client.waitFor(begun.id, wait).finally(bar.done);
  if (run.state === 'waiting') {
    await conduct.releaseBrakes(client, run);
    run = await client.waitFor(begun.id, wait).finally(bar.done);
  }
  report.ran(run);
}

/** Until Ctrl-C. Meanwhile the product's own backup job goes on. */
async function stay(place: Place, server: ServerProcess): Promise<void> {
  const { backups } = volumesIn(place.volumes);
  const rotation = setInterval(() => {
    rotateBackups(backups, new Date()).catch((error) => report.failed(error));
  }, HOUR_MS);
  const code = await server.ended;
  clearInterval(rotation);
  if (code !== 0) throw new Error(report.serverEnded(place.serverLog));
}

/**
 * Hears the wish to stop from the first moment on and passes it to the server, also to one that is still starting.
 * Ctrl-C may arrive twice, from the terminal and from npm: within a second that is one wish. A second one later means
 * at once.
 */
function listenForStop(): { readonly stopping: boolean; pass(kill: (signal: NodeJS.Signals) => void): void } {
  const told = { stopping: false, pass };
  let firstAt = 0;
  let kill: (signal: NodeJS.Signals) => void = () => {};
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (told.stopping && performance.now() - firstAt < 1_000) return;
      if (!told.stopping) firstAt = performance.now();
      told.stopping = true;
      kill('SIGTERM');
    });
  return told;

  function pass(to: typeof kill): void {
    kill = to;
    if (told.stopping) kill('SIGTERM');
  }
}
