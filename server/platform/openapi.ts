import { z } from 'zod';
import { type EndpointSpec, problemSchema } from './contract.ts';

/** A JSON object as OpenAPI and JSON Schema write them. */
type JsonObject = Readonly<Record<string, unknown>>;

/** OpenAPI 3.1 of the endpoints that are served: from the same schemas that parse requests and answers. */
export function describeApi(specs: readonly EndpointSpec[]): JsonObject {
  const paths: Record<string, Record<string, JsonObject>> = {};
  for (const spec of specs) {
    const path = spec.path.replaceAll(/:([A-Za-z]+)/g, '{$1}');
    paths[path] = { ...paths[path], [spec.method.toLowerCase()]: describeOperation(spec) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Kept',
      version: '1',
      description: 'Your privacy policy, executed and proven.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components: {
      schemas: { Problem: jsonSchemaOf(problemSchema, 'output') },
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'kept_session' },
        key: { type: 'http', scheme: 'bearer' },
      },
    },
  };
}

function describeOperation(spec: EndpointSpec): JsonObject {
  const [, , folder = '', ...rest] = spec.path.split('/');
  const status = String(spec.status ?? 200);
  return {
    operationId: [spec.method.toLowerCase(), folder, ...rest.map((part) => part.replace(':', 'by-'))].join('-'),
    summary: spec.summary,
    tags: [folder],
    security: spec.permission === 'public' ? [] : [{ session: [] }, { key: [] }],
    'x-permission': spec.permission,
    parameters: [...parametersOf(spec.params, 'path'), ...parametersOf(spec.query, 'query')],
    ...(spec.body !== undefined && {
      requestBody: { required: true, content: { 'application/json': { schema: jsonSchemaOf(spec.body, 'input') } } },
    }),
    responses: {
      [status]:
        spec.status === 204
          ? { description: 'Done' }
          : {
              description: 'Done',
              content: { 'application/json': { schema: jsonSchemaOf(spec.answer, 'output') } },
            },
      default: {
        description: 'A problem (RFC 9457)',
        'x-codes': ['invalid-input', ...(spec.problems ?? [])],
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
}

const objectSchema = z.object({
  properties: z.record(z.string(), z.unknown()).default({}),
  required: z.array(z.string()).default([]),
});

function parametersOf(schema: z.ZodObject | undefined, place: 'path' | 'query'): JsonObject[] {
  if (schema === undefined) return [];
  const { properties, required } = objectSchema.parse(jsonSchemaOf(schema, 'input'));
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }));
}

function jsonSchemaOf(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
  // OpenAPI 3.1 speaks JSON Schema 2020-12 itself; the key that says so belongs to the document, not to each part.
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' });
  return rest;
}
