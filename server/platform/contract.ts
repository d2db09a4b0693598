import { z } from 'zod';

/**
 * What one HTTP endpoint promises: its address, who may call it, and the shapes that go in and out.
 * A folder's `contract.ts` is a list of these; routes, OpenAPI, the sdk and the console all read them,
 * so a field that is not declared here cannot leave the server.
 */
export interface EndpointSpec {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Fastify notation: `/v1/policy/promises/:promise`. */
  readonly path: `/${string}`;
  readonly summary: string;
  /** The right the caller needs; `public` is for what anyone may call. */
  readonly permission: Permission;
  /**
   * Asks a person for a second factor shown within the last ten minutes. Keys may not call it, but the local one.
   * `own`, for what is about the person alone: whoever has no second factor shows their password instead, or signs in
   * anew where they have none.
   */
  readonly fresh?: true | 'own';
  /** Personal data that the answer holds, as a word for the audit trail: each view is recorded. */
  readonly reveals?: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly answer: z.ZodType;
  /** HTTP status of a successful answer, 200 when absent. */
  readonly status?: 200 | 201 | 202 | 204;
  /** Codes from the contract's table of problems that this endpoint may answer with. */
  readonly problems?: readonly string[];
}

/** Rights as the permission table of access knows them: folder, then act. */
export type Permission =
  | 'public'
  | `${string}:${'read' | 'write' | 'approve' | 'ingest' | 'begin' | 'own' | 'leave' | 'audit' | 'operate'}`;

/** Declares an endpoint; only there so that its literal types survive. */
export function endpoint<const Spec extends EndpointSpec>(spec: Spec): Spec {
  return spec;
}

/** One row of a contract's table of problems (RFC 9457): the stable code is the key. */
export interface Problem {
  readonly status: number;
  readonly title: string;
}

/** The table of problems of a contract. */
export function problems<const Table extends Record<string, Problem>>(table: Table): Table {
  return table;
}

/** RFC 9457 problem details as Kept answers them. `code` is stable, `detail` is for people. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.string(),
  detail: z.string().optional(),
  /** Identifies the log line of an unexpected error. */
  instance: z.string().optional(),
  /** Places in the input that were wrong, with what to do. */
  issues: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
export type ProblemDetails = z.infer<typeof problemSchema>;

declare const kind: unique symbol;

/** An opaque UUID that the compiler will not confuse with one of another kind. */
export type Id<Kind extends string> = string & { readonly [kind]: Kind };

/** The schema of an id of one kind, as it travels. */
export function idSchema<const Kind extends string>(_kind: Kind): z.ZodType<Id<Kind>, string> {
  return z.uuid() as unknown as z.ZodType<Id<Kind>, string>;
}

export type OrganisationId = Id<'Organisation'>;

/** An instant, ISO 8601 in UTC with milliseconds. */
export const instantSchema = z.iso.datetime({ offset: true });

/** A civil date, `2026-11-20`. */
export const civilDateSchema = z.iso.date();

/** Who acted: a person, a key, or Kept itself. The id is opaque, never an address or a name. */
export const actorSchema = z.object({ kind: z.enum(['person', 'key', 'system']), id: z.string() });
export type Actor = z.infer<typeof actorSchema>;

/** A bounded page of a list; `next` is the cursor of the following page. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), next: z.string().nullable() });
}

/** The query every list takes. */
export const pageQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  after: z.string().optional(),
});

/** Any JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export const jsonSchema: z.ZodType<Json> = z.json();
