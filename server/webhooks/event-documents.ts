import { catalogueVersion, describeEvents } from './catalogue.ts';
import type { EventKind } from './catalogue-contract.ts';

/** Files of the repository that are made from the catalogue; `npm run generate` writes them. Paths from its root. */
export function generatedFiles(): { path: string; content: string }[] {
  const kinds = describeEvents();
  return [
    { path: 'docs/events.md', content: guide(kinds) },
    { path: 'docs/events.schema.json', content: `${JSON.stringify(schemaOfEvents(kinds), null, 2)}\n` },
  ];
}

/** JSON Schema (2020-12) of an event as it is sent, whatever its kind. */
function schemaOfEvents(kinds: readonly EventKind[]) {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'https://kept.example/events.schema.json',
    title: `Events of Kept, catalogue ${catalogueVersion}`,
    type: 'object',
    required: ['type', 'version', 'timestamp', 'data', 'ledger'],
    properties: {
      type: { type: 'string' },
      version: { type: 'integer', minimum: 1 },
      timestamp: { type: 'string', format: 'date-time' },
      data: { type: 'object' },
      ledger: { type: ['object', 'null'] },
    },
    oneOf: kinds.map(({ kind }) => ({ $ref: `#/$defs/${kind}` })),
    $defs: Object.fromEntries(
      kinds.map(({ kind, version, what, schema }) => [
        kind,
        { title: what, properties: { type: { const: kind }, version: { const: version }, data: schema } },
      ]),
    ),
  };
}

function guide(kinds: readonly EventKind[]): string {
  return `<!-- Written by \`npm run generate\` from server/ledger/kinds-contract.ts and the bodies beside it. -->

# Events

Whatever happens in Kept is recorded in the ledger, and every kind of entry is an event that a webhook can be subscribed to. This is
catalogue ${catalogueVersion}: ${kinds.length} kinds. \`GET /v1/webhooks/kinds\` answers the same, and [events.schema.json](events.schema.json) is its JSON Schema.

An event names things by opaque ids and holds counts, codes and dates; it holds no personal data.

- \`version\` is that of \`data\` for the kind. It rises with every change. **The data of a released kind never loses a field, and no field
  changes its type or stops being there**: it only gains. So ignore fields and kinds you do not know.
- Lists of words in a schema can grow; treat a word you do not know as none of those you do.
- \`ledger\` says where the entry stands, for whoever asks for a proof: \`GET /v1/ledger/entries/<entry>/receipt\`.

An event as it is sent:

\`\`\`json
${JSON.stringify(kinds.find(({ kind }) => kind === 'disposal.finished')?.example, null, 2)}
\`\`\`

${kinds.map(section).join('\n')}`;
}

function section({ kind, version, what, label, schema, example }: EventKind): string {
  const { properties = {}, required = [] } = schema;
  const fields = Object.entries(typeof properties === 'object' && properties !== null ? properties : {});
  const isRequired = (field: string) => Array.isArray(required) && required.includes(field);
  const rows = fields.map(
    ([field, of]) => `| \`${field}\`${isRequired(field) ? '' : ' *(at times)*'} | ${typeOf(of)} | ${meaningOf(of)} |`,
  );
  return `## \`${kind}\`

${what}. Version ${version}. *${label['pt-BR']}* · *${label.es}*

${fields.length === 0 ? 'Its data is empty.\n' : `| field | type | what it is |\n|---|---|---|\n${rows.join('\n')}\n\n\`\`\`json\n${JSON.stringify(example.data)}\n\`\`\`\n`}`;
}

/** A part of a JSON Schema, as far as it is read here. */
interface Part {
  readonly type?: unknown;
  readonly description?: unknown;
  readonly enum?: unknown;
  readonly format?: unknown;
  readonly items?: unknown;
  readonly anyOf?: unknown;
  readonly properties?: unknown;
}

function partOf(value: unknown): Part {
  return typeof value === 'object' && value !== null ? value : {};
}

function typeOf(value: unknown): string {
  const part = partOf(value);
  if (Array.isArray(part.anyOf)) return part.anyOf.map(typeOf).join(' or ');
  if (Array.isArray(part.enum)) return part.enum.map((word) => `\`${String(word)}\``).join(', ');
  if (part.type === 'array') return `list of ${typeOf(part.items)}`;
  if (typeof part.properties === 'object' && part.properties !== null)
    return `object of ${Object.keys(part.properties)
      .map((field) => `\`${field}\``)
      .join(', ')}`;
  return typeof part.format === 'string' ? part.format : String(part.type ?? 'any');
}

function meaningOf(value: unknown): string {
  const part = partOf(value);
  if (typeof part.description === 'string') return part.description;
  const inner = Array.isArray(part.anyOf) ? part.anyOf.map(meaningOf) : [];
  return inner.find((text) => text !== '') ?? '';
}
