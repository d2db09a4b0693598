import { type RawBuilder, sql } from 'kysely';
import type { GlobalTx } from '../platform/database.ts';
import type { SealedPlace } from './sealed-places.ts';

/** A sealed value as it lies in its column. */
export interface SealedValue {
  /** What it was sealed for. */
  readonly id: string;
  readonly sealed: Buffer;
}

/**
 * Values of one place that the transaction can see, in the order of their ids.
 * @param head how many octets of each are read; all when absent
 */
export async function selectSealed(
  tx: GlobalTx,
  place: SealedPlace,
  page: { readonly after: string; readonly limit: number; readonly head?: number },
): Promise<SealedValue[]> {
  const id = sql<string>`${sql.ref(place.id)}::text`;
  const octets = octetsOf(place);
  const sealed = page.head === undefined ? octets : sql<Buffer>`substring(${octets} from 1 for ${page.head})`;
  const { rows } = await sql<SealedValue>`
    select ${id} as id, ${sealed} as sealed from ${sql.table(place.table)}
      where ${sql.ref(place.column)} is not null and ${conditionOf(place)} and ${id} > ${page.after}
      order by 1 limit ${page.limit}`.execute(tx.db);
  return rows;
}

/** A whole value; undefined where it is gone. */
export async function selectSealedOne(tx: GlobalTx, place: SealedPlace, id: string): Promise<SealedValue | undefined> {
  const { rows } = await sql<SealedValue>`
    select ${sql.ref(place.id)}::text as id, ${octetsOf(place)} as sealed from ${sql.table(place.table)}
      where ${sql.ref(place.column)} is not null and ${conditionOf(place)} and ${sql.ref(place.id)} = ${id}::uuid
  `.execute(tx.db);
  return rows[0];
}

/** Puts another sealed value in the place of one, unless that has changed meanwhile. @returns whether it had not */
export async function replaceSealed(
  tx: GlobalTx,
  place: SealedPlace,
  value: SealedValue,
  sealed: Buffer,
): Promise<boolean> {
  const written = place.form === 'base64' ? sealed.toString('base64') : sealed;
  const result = await sql`
    update ${sql.table(place.table)} set ${sql.ref(place.column)} = ${written}
      where ${sql.ref(place.id)} = ${value.id}::uuid and ${conditionOf(place)} and ${octetsOf(place)} = ${value.sealed}
  `.execute(tx.db);
  return result.numAffectedRows === 1n;
}

function octetsOf({ column, form }: SealedPlace): RawBuilder<Buffer> {
  return form === 'base64' ? sql`decode(${sql.ref(column)}, 'base64')` : sql`${sql.ref(column)}`;
}

function conditionOf({ where }: SealedPlace): RawBuilder<unknown> {
  return where === undefined ? sql`true` : sql`${sql.ref(where)}`;
}
