import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { identityOf } from '../access/authorise.ts';
import { may } from '../access/permissions.ts';
import { idSchema } from '../platform/contract.ts';
import { failuresOf } from '../platform/failure.ts';
import type { HttpServer } from '../platform/http.ts';
import type { Platform } from '../platform/platform.ts';
import { askForExport } from './ask-for-export.ts';
import { readRange } from './byte-range.ts';
import { cancelExport } from './cancel-export.ts';
import * as contract from './contract.ts';
import { followLink, type LinkedFile } from './follow-link.ts';
import { mediaTypes } from './format-rows.ts';
import { isSigned, makeLink } from './make-link.ts';
import { getSource, listSources } from './register-export.ts';
import { getExport, listExports } from './show-export.ts';

const fail = failuresOf(contract.exportsProblems);

export function registerExportsRoutes(http: HttpServer, platform: Platform): void {
  const { db } = platform;
  http.route(contract.listExportKinds, async ({ raw }) => ({
    items: allowedSources(platform, raw).map(({ shown: { kind, title, formats, parameters } }) => ({
      kind,
      title,
      formats: [...formats],
      parameters: contract.exportKindSchema.shape.parameters.parse(z.toJSONSchema(parameters, { io: 'input' })),
    })),
  }));

  http.route(contract.listExports, ({ caller, query: { kind, ...query }, raw }) => {
    const kinds = allowedKinds(platform, raw).filter((allowed) => kind === undefined || allowed === kind);
    return db.transaction(caller.organisationId, (tx) => listExports(tx, { kinds, ...query }));
  });

  http.route(contract.getExport, ({ caller, params, raw }) =>
    db.transaction(caller.organisationId, (tx) => getExport(tx, params.export, allowedKinds(platform, raw))),
  );

  http.route(contract.makeExport, async ({ caller, body, raw }) => {
    // The refusal of what they may not see stands in the ledger like any other.
    await http.authorise(raw, getSource(db, body.kind).shown.permission);
    return db.transaction(caller.organisationId, async (tx) => {
      const id = await askForExport(platform, tx, { ...body, by: caller.actor });
      return getExport(tx, id, [body.kind]);
    });
  });

  http.route(contract.cancelExport, ({ caller, params, raw }) =>
    db.transaction(caller.organisationId, async (tx) => {
      const kinds = allowedKinds(platform, raw);
      await getExport(tx, params.export, kinds);
      await cancelExport(tx, params.export, caller.actor);
      return getExport(tx, params.export, kinds);
    }),
  );

  http.route(contract.makeDownloadLink, ({ caller, params, raw }) =>
    db.transaction(caller.organisationId, async (tx) => {
      await getExport(tx, params.export, allowedKinds(platform, raw));
      return makeLink(platform, tx, params.export, caller.actor);
    }),
  );

  serveFiles(http, platform);
}

/** What the caller may see on screen they may also take along. */
function allowedSources({ db }: Platform, request: FastifyRequest) {
  const { role, scopes } = identityOf(request);
  return listSources(db).filter(({ shown }) => may(role, shown.permission, scopes));
}

function allowedKinds(platform: Platform, request: FastifyRequest): string[] {
  return allowedSources(platform, request).map(({ shown }) => shown.kind);
}

const linkSchema = z.object({ organisation: idSchema('Organisation'), link: idSchema('ExportLink') });
const signatureSchema = z.object({ signature: z.string().max(100) });

/** The files themselves: whoever has a link needs nothing else. */
function serveFiles(http: HttpServer, platform: Platform): void {
  http.fastify.get('/v1/exports/files/:organisation/:link/:fileName', async (request, reply) => {
    const params = linkSchema.safeParse(request.params);
    const query = signatureSchema.safeParse(request.query);
    const isGenuine =
      params.success &&
      query.success &&
      isSigned(platform, params.data.organisation, params.data.link, query.data.signature);
    if (!isGenuine) throw fail('link-invalid', 'This link was not made here, or not all of it arrived.');
    const { organisation, link } = params.data;
    const isQuestion = request.method === 'HEAD';
    const file = await platform.db.transaction(organisation, (tx) => followLink(tx, link, !isQuestion));
    return answerFile(platform, file, request, reply);
  });
}

function answerFile(platform: Platform, file: LinkedFile, request: FastifyRequest, reply: FastifyReply) {
  const { bytes, sha256 } = file;
  const tag = `"${sha256}"`;
  const condition = request.headers['if-range'];
  const isSame = condition === undefined || condition === tag;
  const wanted = isSame ? readRange(request.headers.range, bytes) : 'all';
  reply.header('accept-ranges', 'bytes').header('etag', tag);
  if (wanted === 'unsatisfiable') {
    reply.header('content-range', `bytes */${bytes}`);
    throw fail('range-not-satisfiable', `The file has ${bytes} octets.`);
  }
  const { start, end } = wanted === 'all' ? { start: 0, end: bytes } : wanted;
  reply
    .status(wanted === 'all' ? 200 : 206)
    .type(mediaTypes[file.format])
    .header('content-length', String(end - start))
    .header('content-disposition', `attachment; filename="${file.fileName}"`)
    // Of the whole file, also where a part of it is sent (RFC 9530).
    .header('repr-digest', `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`);
  if (wanted !== 'all') reply.header('content-range', `bytes ${start}-${end - 1}/${bytes}`);
  // Without a body the framework would say that it has none.
  if (request.method === 'HEAD') return reply.send(Readable.from([]));
  const content = Readable.from(platform.files.read(file.path, { start, end }), { objectMode: false });
  content.on('error', (error) => platform.log.error({ err: error, file: file.path }, 'a download broke off'));
  return reply.send(content);
}
