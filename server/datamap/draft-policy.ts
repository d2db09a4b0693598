import { StatementRefused, SystemUnreachable } from '../connectors/connector.ts';
import { describePostgresSchema } from '../connectors/postgres/describe-schema.ts';
import type { OrganisationId } from '../platform/contract.ts';
import { failuresOf } from '../platform/failure.ts';
import type { Platform } from '../platform/platform.ts';
import { dataMapProblems } from './contract.ts';
import { findCredential } from './find-credential.ts';
import { type GuessedSchema, guessSchema } from './guess-schema.ts';
import { writeDataMapDraft, writePolicyDraft } from './write-draft.ts';

const fail = failuresOf(dataMapProblems);

export interface DraftRequest {
  /** Name of the organisation's credential that holds the connection URL. */
  readonly credential: string;
  /** Name of the organisation. */
  readonly organisation: string;
  readonly country: string;
  readonly timeZone: string;
}

export interface Draft {
  readonly policy: string;
  readonly dataMap: string;
  /** What a person should know before using either, one sentence each. */
  readonly notes: string[];
}

/**
 * Drafts a policy and a data map from a live PostgreSQL schema. Names and types are all it looks at, no row; what it
 * guesses, a person decides, and comments in the files say what.
 * @throws Failure `credential-unknown`, `system-unreachable`
 */
export async function draftPolicy(
  platform: Platform,
  organisationId: OrganisationId,
  request: DraftRequest,
): Promise<Draft> {
  const credential = await findCredential(platform, organisationId, request.credential);
  if (credential.value === null) {
    throw fail('credential-unknown', `No credential is known under “${request.credential}”. ${credential.remedy}`);
  }
  const schema = guessSchema(await describe(request.credential, credential.value, platform));
  return {
    policy: writePolicyDraft(request, schema),
    dataMap: writeDataMapDraft(request, schema),
    notes: notesOf(schema),
  };
}

async function describe(name: string, url: string, platform: Platform) {
  try {
    return await describePostgresSchema({ name, url, log: platform.log });
  } catch (error) {
    if (!(error instanceof SystemUnreachable) && !(error instanceof StatementRefused)) throw error;
    throw fail('system-unreachable', `${error.message} ${error.remedy}`, { cause: error });
  }
}

function notesOf({ accounts, datasets, leftOut }: GuessedSchema): string[] {
  const notes: string[] = [];
  if (datasets.length === 0)
    notes.push('No table with personal data was recognised. The drafts are a frame to fill in.');
  if (accounts === null) {
    notes.push(
      'No table of customers (accounts) was recognised, so nothing in the draft follows the end of a contract.',
    );
  } else if (accounts.state === null || accounts.cancelledAt === null) {
    notes.push(
      `The table ${accounts.table.name} has no column for the ${accounts.state === null ? 'state of the account' : 'time of cancellation'}, so nothing in the draft follows the end of a contract.`,
    );
  }
  const tables = (why: GuessedSchema['leftOut'][number]['why']) =>
    leftOut.filter((entry) => entry.why === why).map((entry) => entry.table);
  const keyless = tables('no-key');
  if (keyless.length > 0) {
    notes.push(
      `Left out, since they have no primary key: ${keyless.join(', ')}. Add one, or say how their rows are told apart.`,
    );
  }
  const impersonal = tables('nothing-personal');
  if (impersonal.length > 0)
    notes.push(`Left out, since nothing personal was recognised in them: ${impersonal.join(', ')}.`);
  const secrets = datasets.flatMap(({ table, secrets: columns }) => columns.map((column) => `${table.name}.${column}`));
  if (secrets.length > 0) {
    notes.push(
      `Columns that look like secrets: ${secrets.join(', ')}. Consider a promise \`protect: { measure: encrypted-field }\`.`,
    );
  }
  return notes;
}
