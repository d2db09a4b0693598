import { z } from 'zod';
import { dataMapSchema } from './contract.ts';

/** JSON Schema (2020-12) of the data map file, for completion and checking in editors. */
export function dataMapJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(dataMapSchema, { io: 'input' });
  const described = { title: 'Kept data map', description: 'Where the data of a policy lies.' };
  return { $id: 'https://kept.example/data-map.schema.json', ...described, ...schema };
}

/** Files of the repository that are made from the contract; `npm run generate` writes them. Paths from its root. */
export function generatedFiles(): { path: string; content: string }[] {
  return [{ path: 'docs/data-map.schema.json', content: `${JSON.stringify(dataMapJsonSchema(), null, 2)}\n` }];
}
