import { z } from 'zod';
import { entryBodies } from '../ledger/bodies-contract.ts';
import { exampleId, otherExampleId } from '../ledger/body-contract.ts';
import { type EntryKind, entryKinds, entryKindTable } from '../ledger/kinds-contract.ts';
import { brand } from '../platform/ids.ts';
import type { EventKind } from './catalogue-contract.ts';

/** Rises when receivers would have to change what they do with every event. */
export const catalogueVersion = 1;

/** Version of the body of a kind; each event that is sent says it. */
export function eventVersionOf(kind: EntryKind): number {
  return entryBodies[kind].version;
}

/** Every kind of event, in the order of the ledger's vocabulary. */
export function describeEvents(): EventKind[] {
  return entryKinds.map((kind) => {
    const { version, schema, example } = entryBodies[kind];
    const { what, label } = entryKindTable[kind];
    return {
      kind,
      version,
      what,
      label,
      schema: schemaOf(schema),
      example: {
        type: kind,
        version,
        timestamp: '2026-11-20T14:02:11.482Z',
        data: { ...example },
        ledger: {
          entry: brand<'Entry'>(exampleId),
          log: `kept.example/${otherExampleId}`,
          index: 4711,
          actor: { kind: 'person', id: otherExampleId },
        },
      },
    };
  });
}

const objectSchema = z.record(z.string(), z.json());

/** Open to further fields, though Kept writes no others: the next version may have more. */
function schemaOf(schema: z.ZodObject): Record<string, z.infer<typeof objectSchema>[string]> {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    reused: 'inline',
    override: ({ jsonSchema }) => {
      delete jsonSchema.additionalProperties;
    },
  });
  return objectSchema.parse(rest);
}
