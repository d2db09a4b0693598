import { z } from 'zod';
import { policySchema } from './language.ts';
import { verbs } from './rule.ts';

/** JSON Schema (2020-12) of the policy file, for completion and checking in editors. */
export function policyJsonSchema(): Record<string, unknown> {
  return { $id: 'https://kept.example/policy.schema.json', ...z.toJSONSchema(policySchema, { io: 'input', override }) };
}

/** What zod cannot say in one place: a promise has exactly one verb. */
function override({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  const properties = jsonSchema.properties;
  if (properties === undefined || !verbs.every((verb) => verb in properties)) return;
  jsonSchema.oneOf = verbs.map((verb) => ({ required: [verb] }));
}

/** Files of the repository that are made from the language; `npm run generate` writes them. Paths from its root. */
export function generatedFiles(): { path: string; content: string }[] {
  return [{ path: 'docs/policy.schema.json', content: `${JSON.stringify(policyJsonSchema(), null, 2)}\n` }];
}
