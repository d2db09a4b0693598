import { failuresOf } from '../platform/failure.ts';
import type { HttpServer } from '../platform/http.ts';
import type { Platform } from '../platform/platform.ts';
import { hasErrors } from '../policy/check-policy.ts';
import { findPolicyInForce } from '../policy/find-policy.ts';
import { inOrder } from '../policy/finding-text.ts';
import { parsePolicy } from '../policy/parse-policy.ts';
import { checkDataMap } from './check-data-map.ts';
import { checkStores } from './check-stores.ts';
import * as contract from './contract.ts';
import { draftPolicy } from './draft-policy.ts';
import { findDataMapInForce } from './find-data-map.ts';
import { publishDataMap } from './publish-data-map.ts';
import { dataMapJsonSchema } from './schema-document.ts';
import type { MapPublication } from './store.ts';
import { datasetsCovering } from './target-of.ts';

const fail = failuresOf(contract.dataMapProblems);

export function registerDatamapRoutes(http: HttpServer, platform: Platform): void {
  const { db } = platform;

  http.route(contract.readDataMap, ({ caller }) =>
    db.transaction(caller.organisationId, async (tx) => {
      const found = await findDataMapInForce(tx);
      if (found === undefined) {
        throw fail('no-data-map', 'No data map is published yet. Publish one, or draft one with `kept init`.');
      }
      const { hash, number, publishedAt, map, source } = found;
      const policy = await findPolicyInForce(tx);
      const rules = policy === undefined ? [] : policy.promises;
      const coverage = Object.entries(map.datasets).map(([dataset, { covers }]) => ({
        dataset,
        promises: rules
          .filter(({ rule }) => 'data' in rule && rule.data.some((category) => covers.includes(category)))
          .map(({ promise }) => promise),
      }));
      const categories = Object.keys(policy?.document.data ?? {});
      const uncovered = categories.filter((category) => datasetsCovering(map, category).length === 0);
      return { version: { hash, number, publishedAt: publishedAt.toISOString() }, source, map, coverage, uncovered };
    }),
  );

  http.route(contract.publishDataMap, async ({ caller, body }) => {
    const outcome = await publishDataMap(platform, caller.organisationId, { ...body, actor: caller.actor });
    return { version: answerOf(outcome.version), findings: outcome.findings, changed: outcome.changed };
  });

  http.route(contract.checkDataMap, async ({ caller, body }) => {
    const inForce = await db.transaction(caller.organisationId, findPolicyInForce);
    const given = body.policy === null ? undefined : parsePolicy(body.policy);
    // A policy that does not read is the policy's finding; the map is then checked by itself.
    const policy = given === undefined ? (inForce?.document ?? null) : (given.document ?? null);
    const { map, findings, places } = checkDataMap(body.source, policy);
    if (map === undefined || hasErrors(findings)) return { findings };
    return { findings: inOrder([...findings, ...(await checkStores(platform, caller.organisationId, map, places))]) };
  });

  http.route(contract.draftDataMap, ({ caller, body }) => draftPolicy(platform, caller.organisationId, body));

  http.route(contract.dataMapSchemaDocument, async () => dataMapJsonSchema());
}

function answerOf({ hash, number, publishedAt }: MapPublication) {
  return { hash, number, publishedAt: publishedAt.toISOString() };
}
