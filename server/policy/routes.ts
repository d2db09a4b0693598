import { failuresOf } from '../platform/failure.ts';
import type { HttpServer } from '../platform/http.ts';
import type { Platform } from '../platform/platform.ts';
import { sha256Hex } from './canonical.ts';
import { checkPolicy } from './check-policy.ts';
import * as contract from './contract.ts';
import { measurePromises } from './measure-promises.ts';
import type { Provers } from './prover.ts';
import { publishPolicy } from './publish-policy.ts';
import { readBoard } from './read-board.ts';
import { readPolicyPage, readPromise } from './read-policy.ts';
import { policyJsonSchema } from './schema-document.ts';
import { type Publication, selectByHash, selectPublications } from './store.ts';

const fail = failuresOf(contract.policyProblems);

export function registerPolicyRoutes(http: HttpServer, platform: Platform, provers: Provers): void {
  const { db } = platform;
  http.route(contract.listPromises, ({ caller }) =>
    db.transaction(caller.organisationId, (tx) => readBoard(tx, tx.at)),
  );

  http.route(contract.getPromise, ({ caller, params, query }) =>
    db.transaction(caller.organisationId, (tx) => readPromise(tx, params.promise, query, tx.at)),
  );

  http.route(contract.readPolicy, ({ caller }) => db.transaction(caller.organisationId, readPolicyPage));

  http.route(contract.publishPolicy, async ({ caller, body }) => {
    const outcome = await db.transaction(caller.organisationId, (tx) =>
      publishPolicy(tx, { ...body, actor: caller.actor }),
    );
    return { version: answerOf(outcome.version), findings: outcome.findings, changed: outcome.changed };
  });

  http.route(contract.listVersions, async ({ caller, query }) => {
    const before = query.after === undefined ? undefined : Number(query.after);
    const found = await db.transaction(caller.organisationId, (tx) => selectPublications(tx, query.limit + 1, before));
    const items = found.slice(0, query.limit);
    const next = found.length > query.limit ? String(items.at(-1)?.number) : null;
    return { items: items.map(answerOf), next };
  });

  http.route(contract.getVersion, async ({ caller, params }) => {
    const text = await db.transaction(caller.organisationId, (tx) => selectByHash(tx, params.hash));
    if (text === undefined) throw fail('version-not-found', 'No version of this organisation has this hash.');
    return { version: answerOf(text), source: text.source, canonical: text.canonical };
  });

  http.route(contract.checkPolicy, async ({ body }) => {
    const { canonical, findings } = checkPolicy(body.source, platform.clock.now().toISOString().slice(0, 10));
    return { hash: canonical === undefined ? null : await sha256Hex(canonical), findings };
  });

  http.route(contract.measurePromises, async ({ caller, body }) => {
    await measurePromises(platform, provers, caller.organisationId, body.promises);
    return await db.transaction(caller.organisationId, (tx) => readBoard(tx, tx.at));
  });

  http.route(contract.policySchemaDocument, async () => policyJsonSchema());
}

function answerOf({ hash, number, parent, publishedAt, entry }: Publication) {
  return { hash, number, parent, publishedAt: publishedAt.toISOString(), entry };
}
