import { randomFillSync } from 'node:crypto';
import canonicalize from 'canonicalize';
import { z } from 'zod';
import { actorSchema, type Id, idSchema, instantSchema, type Json, jsonSchema } from '../platform/contract.ts';
import { failuresOf } from '../platform/failure.ts';
import { brand } from '../platform/ids.ts';
import { ledgerProblems } from './contract.ts';
import { entryKindSchema } from './kinds-contract.ts';

const fail = failuresOf(ledgerProblems);

/** Entry bundles of C2SP tlog-tiles write the length of an entry in two octets. */
const leafLimit = 65_535;

/** What is hashed. Its salt keeps anybody from guessing an entry from its leaf hash, which tiles show. */
const leafSchema = z.object({
  format: z.literal('kept-entry-1'),
  id: idSchema('Entry'),
  organisation: idSchema('Organisation'),
  kind: entryKindSchema,
  at: instantSchema,
  actor: actorSchema,
  body: jsonSchema,
  commitment: z.string().optional(),
  salt: z.string(),
});
export type Leaf = z.infer<typeof leafSchema>;

/**
 * Writes an entry as RFC 8785 canonical JSON.
 * @throws Failure `entry-too-large`
 */
export function writeLeaf(entry: Omit<Leaf, 'format' | 'salt'>): string {
  const { actor, at, body, commitment, id, kind, organisation } = entry;
  // Members in the order of RFC 8785; only what may hold anything goes through the canonicalizer, since this is the
  // dearest step of recording many entries.
  const text =
    `{"actor":${canonicalJson(actor)},"at":"${at}","body":${canonicalJson(body)},` +
    `${commitment === undefined ? '' : `"commitment":${canonicalJson(commitment)},`}"format":"kept-entry-1",` +
    `"id":"${id}","kind":"${kind}","organisation":"${organisation}","salt":"${random(16).toString('base64url')}"}`;
  // A quarter of the limit in characters is below it in octets, whatever the characters are.
  if (text.length > leafLimit / 4 && Buffer.byteLength(text) > leafLimit) {
    throw fail('entry-too-large', `An entry of the kind ${kind} would have ${Buffer.byteLength(text)} bytes.`);
  }
  return text;
}

/** Reads what `writeLeaf` wrote. */
export function readLeaf(text: string): Leaf {
  return leafSchema.parse(JSON.parse(text));
}

/** RFC 8785 canonical JSON. */
export function canonicalJson(value: Json | Leaf['actor']): string {
  const text = canonicalize(value);
  if (text === undefined) throw new Error('this value has no JSON');
  return text;
}

let last = { ms: 0, counter: 0 };

/**
 * A UUIDv7 whose ids sort in the order in which this process made them (RFC 9562, 6.2, method 1: a counter follows
 * the milliseconds), so that entries of one transaction keep their order in the log.
 */
export function newEntryId(at: Date): Id<'Entry'> {
  const now = at.getTime();
  // A clock that stands still or steps back a little continues the row; a larger step begins a new one.
  const continues = now <= last.ms && last.ms - now < 10_000;
  const counter = continues ? last.counter + 1 : 0;
  last = counter > 0xfff ? { ms: last.ms + 1, counter: 0 } : { ms: continues ? last.ms : now, counter };
  const octets = random(16);
  octets.writeUIntBE(last.ms, 0, 6);
  octets.writeUInt16BE(0x7000 | last.counter, 6);
  octets.writeUInt8((octets.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = octets.toString('hex');
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)];
  return brand<'Entry'>(parts.join('-'));
}

const pool = Buffer.alloc(16_384);
let drawn = pool.length;

/** Random octets, drawn from the system many at a time, since each draw is a system call. */
function random(size: number): Buffer {
  if (drawn + size > pool.length) {
    randomFillSync(pool);
    drawn = 0;
  }
  const octets = Buffer.from(pool.subarray(drawn, drawn + size));
  // What was given out is not kept here.
  pool.fill(0, drawn, drawn + size);
  drawn += size;
  return octets;
}
