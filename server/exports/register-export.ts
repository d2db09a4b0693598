import type { z } from 'zod';
import type { Json, Permission } from '../platform/contract.ts';
import type { Database, Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import type { Platform } from '../platform/platform.ts';
import { type ExportFormat, exportsProblems } from './contract.ts';

const fail = failuresOf(exportsProblems);

export type ExportRow = Readonly<Record<string, Json>>;

export interface ExportPage {
  readonly rows: readonly ExportRow[];
  /** What the next page begins after; null at the end. */
  readonly next: string | null;
}

/** Something that can be exported. The folder that holds it, or one above it, registers it. */
export interface ExportSource<Parameters extends z.ZodObject = z.ZodObject> {
  /** Kebab-case, stable: `audit-trail`. Names of files begin with it. */
  readonly kind: string;
  readonly title: { readonly en: string; readonly 'pt-BR': string; readonly es: string };
  /** What the caller must be allowed to, beside making exports: the right to see the same on screen. */
  readonly permission: Exclude<Permission, 'public'>;
  readonly formats: readonly ExportFormat[];
  /** Every member optional. What it lets pass is stored as JSON until the file goes. */
  readonly parameters: Parameters;
  /** Columns of CSV, in order; each a member of every row. JSON has all members. */
  readonly columns: readonly string[];
  /**
   * A page by keyset, in a short transaction of its own: about `limit` rows after `after`, null for the first page. Rows
   * that come into being while the export runs may be in it or not; each that was there is in it once.
   */
  page(
    tx: Tx,
    parameters: z.output<Parameters>,
    page: { readonly after: string | null; readonly limit: number },
  ): Promise<ExportPage>;
  /** How many rows there will be, about, for the progress; left out where counting is dear. */
  count?(tx: Tx, parameters: z.output<Parameters>): Promise<number>;
}

/** A source whose parameters were parsed by its own schema. */
export interface BoundSource {
  readonly source: Pick<ExportSource, 'kind' | 'title' | 'permission' | 'formats' | 'columns'>;
  page(tx: Tx, page: { readonly after: string | null; readonly limit: number }): Promise<ExportPage>;
  count(tx: Tx): Promise<number | null>;
}

/** A source as the registry keeps it: what depends on the type of its parameters is behind `bind`. */
export interface RegisteredSource {
  readonly shown: Omit<ExportSource, 'page' | 'count'>;
  /** @throws Failure `export-parameters-invalid` */
  bind(parameters: unknown): BoundSource;
}

const registries = new WeakMap<Database, Map<string, RegisteredSource>>();

function registryOf(database: Database): Map<string, RegisteredSource> {
  const known = registries.get(database);
  if (known !== undefined) return known;
  const made = new Map<string, RegisteredSource>();
  registries.set(database, made);
  return made;
}

/** From now on this can be exported. Call it once at start, before the tasks start. */
export function registerExport<Parameters extends z.ZodObject>(
  platform: Pick<Platform, 'db'>,
  source: ExportSource<Parameters>,
): void {
  const registry = registryOf(platform.db);
  if (registry.has(source.kind)) throw new Error(`the export ${source.kind} is registered twice`);
  registry.set(source.kind, {
    shown: source,
    bind(given) {
      const parsed = source.parameters.safeParse(given);
      if (!parsed.success) {
        const issues = parsed.error.issues.map((issue) => ({
          path: ['body', 'parameters', ...issue.path].join('.'),
          message: issue.message,
        }));
        const detail = issues.map((issue) => `${issue.path}: ${issue.message}`).join('; ');
        throw fail('export-parameters-invalid', detail, { issues });
      }
      return {
        source,
        page: (tx, page) => source.page(tx, parsed.data, page),
        count: async (tx) => (source.count === undefined ? null : source.count(tx, parsed.data)),
      };
    },
  });
}

/** In the order of registration. */
export function listSources(database: Database): RegisteredSource[] {
  return [...registryOf(database).values()];
}

export function findSource(database: Database, kind: string): RegisteredSource | undefined {
  return registryOf(database).get(kind);
}

/** @throws Failure `export-kind-unknown` */
export function getSource(database: Database, kind: string): RegisteredSource {
  const source = findSource(database, kind);
  if (source === undefined) throw fail('export-kind-unknown', `There is no export of the kind ${kind}.`);
  return source;
}
