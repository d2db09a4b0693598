import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OrganisationId } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import type { HttpServer } from '../platform/http.ts';
import type { Platform } from '../platform/platform.ts';
import {
  getConsistency,
  getEntry,
  getLedgerKey,
  getLedgerStatus,
  getReceipt,
  ledgerFilePaths,
  ledgerProblems,
  listEntries,
  reopenLog,
} from './contract.ts';
import { getConsistencyOf, getReceiptOf } from './find-receipt.ts';
import { getStatusOf } from './ledger-status.ts';
import { getLedgerEntry, listLedgerEntries } from './list-entries.ts';
import { verifierKey } from './note.ts';
import { reopenOrganisationLog } from './reopen-log.ts';
import { findCheckpoint, findTile, type LogRow, listLeaves, listLogs } from './store.ts';
import { parseTilePath, tileWidth, widthOf } from './tree.ts';

const fail = failuresOf(ledgerProblems);

/** Serves the ledger: JSON for people's tools, and the files of C2SP tlog-tiles for any other log client. */
export function registerLedgerRoutes(http: HttpServer, platform: Platform): void {
  const read = <T>(organisationId: OrganisationId, work: (tx: Tx) => Promise<T>) =>
    platform.db.transaction(organisationId, work);

  http.route(listEntries, ({ caller, query }) => read(caller.organisationId, (tx) => listLedgerEntries(tx, query)));
  http.route(getEntry, ({ caller, params }) => read(caller.organisationId, (tx) => getLedgerEntry(tx, params.entry)));
  http.route(getReceipt, ({ caller, params }) => read(caller.organisationId, (tx) => getReceiptOf(tx, params.entry)));
  http.route(getConsistency, ({ caller, query }) =>
    read(caller.organisationId, (tx) => getConsistencyOf(tx, query.from, query.to)),
  );
  http.route(getLedgerKey, ({ caller }) => read(caller.organisationId, readKeys));
  http.route(getLedgerStatus, ({ caller }) => getStatusOf(platform, caller.organisationId));
  http.route(reopenLog, async ({ caller, body }) => {
    const { organisationId, actor } = caller;
    return { log: await reopenOrganisationLog(platform, organisationId, { reason: body.reason, actor }) };
  });
  serveFiles(http, platform);
}

/** The files are not JSON, so these routes authorise by themselves. */
function serveFiles(http: HttpServer, platform: Platform): void {
  const answer = async (
    request: FastifyRequest,
    work: (tx: Tx, logs: readonly LogRow[]) => Promise<Buffer | string>,
  ) => {
    const caller = await http.authorise(request, 'ledger:read');
    return platform.db.transaction(caller.organisationId, async (tx) => work(tx, await listLogs(tx)));
  };
  const note = (reply: FastifyReply) => reply.type('text/plain; charset=utf-8');

  http.fastify.get(ledgerFilePaths.checkpoint, async (request, reply) => {
    const text = await answer(request, (tx, [log]) => readCheckpoint(tx, log));
    return note(reply).send(text);
  });
  http.fastify.get<{ Params: { log: string } }>(ledgerFilePaths.logCheckpoint, async (request, reply) => {
    const text = await answer(request, (tx, logs) => readCheckpoint(tx, logNamed(tx, logs, request.params.log)));
    return note(reply).send(text);
  });
  http.fastify.get<{ Params: { log: string; '*': string } }>(ledgerFilePaths.logTile, async (request, reply) => {
    const { log, '*': path } = request.params;
    const octets = await answer(request, (tx, logs) => readTile(tx, logNamed(tx, logs, log), `tile/${path}`));
    // A tile never changes, so its reader may keep it; it is not for caches that others share.
    return reply
      .type('application/octet-stream')
      .header('cache-control', 'private, max-age=31536000, immutable')
      .send(octets);
  });
}

async function readKeys(tx: Tx) {
  const [current, ...former] = await Promise.all(
    (await listLogs(tx)).map(async (log) => ({ log: log.origin, key: await verifierKey(log.origin, log.publicKey) })),
  );
  if (current === undefined) throw fail('log-not-found', 'Nothing has been recorded yet.');
  return { ...current, former };
}

/** `:log` is the organisation's id, with `.2` and so on for later logs. */
function logNamed(tx: Tx, logs: readonly LogRow[], name: string): LogRow {
  const [organisation, number = '1', ...rest] = name.split('.');
  const log = logs.find((candidate) => String(candidate.number) === number);
  if (organisation !== tx.organisationId || log === undefined || rest.length > 0 || name.endsWith('.1')) {
    throw fail('log-not-found', 'There is no log at this address.');
  }
  return log;
}

async function readCheckpoint(tx: Tx, log: LogRow | undefined): Promise<string> {
  const checkpoint = log === undefined ? undefined : await findCheckpoint(tx, log.number);
  if (checkpoint === undefined)
    throw fail('no-checkpoint', 'The first checkpoint is signed soon after the first entry.');
  return checkpoint.note;
}

/** A tile or a bundle of entries, for trees up to the newest that was signed. */
async function readTile(tx: Tx, log: LogRow, path: string): Promise<Buffer> {
  const wanted = parseTilePath(path);
  if (wanted === undefined) throw fail('tile-not-found', 'This is not the path of a tile.');
  const { level, index, width } = wanted;
  const missing = () => fail('tile-not-found', 'The signed log does not reach so far, or this part of it was pruned.');
  if (width > widthOf({ level: level === 'entries' ? 0 : level, index }, log.signedSize)) throw missing();
  if (level !== 'entries') {
    const hashes = await findTile(tx, log.number, { level, index });
    if (hashes === undefined) throw missing();
    return Buffer.from(hashes.subarray(0, width * 32));
  }
  const leaves = await listLeaves(tx, log.number, index * tileWidth, index * tileWidth + width);
  if (leaves.length < width) throw missing();
  return bundle(leaves);
}

/** Entries one after the other, each behind its length in two octets. */
function bundle(leaves: readonly string[]): Buffer {
  return Buffer.concat(
    leaves.flatMap((leaf) => {
      const octets = Buffer.from(leaf, 'utf8');
      const length = Buffer.alloc(2);
      length.writeUInt16BE(octets.length);
      return [length, octets];
    }),
  );
}
