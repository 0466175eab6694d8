/** The OpenAPI 3.1 document, made from the route table of the contract; nothing is written by hand twice. */
import { z } from 'zod';
import { type Route, routes } from '../../contract/routes.ts';
import { ProblemDocument } from '../../contract/problem.ts';

export interface OpenApi {
  openapi: '3.1.0';
  info: { title: string; version: string; description: string };
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown>; securitySchemes: Record<string, unknown> };
  security: Record<string, string[]>[];
}

interface Operation {
  operationId: string;
  summary: string;
  tags: string[];
  description: string;
  parameters?: unknown[];
  requestBody?: unknown;
  responses: Record<string, unknown>;
  security?: unknown[];
}

export function openApiDocument(version: string): OpenApi {
  const schemas: Record<string, unknown> = {};
  const paths: OpenApi['paths'] = {};
  for (const [name, route] of Object.entries(routes) as [string, Route][]) {
    (paths[route.path] ??= {})[route.method.toLowerCase()] = operation(name, route, schemas);
  }
  addUntyped(paths, schemas);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Pointsman',
      version,
      description:
        'Agents, tasks, inbox, workflows, executions and shared state. Live updates: WebSocket /ws/updates and /ws/terminals/{agentId}.',
    },
    paths,
    components: {
      schemas,
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: 'pointsman_session' },
      },
    },
    security: [{ bearer: [] }, { session: [] }],
  };
}

function operation(name: string, route: Route, schemas: Record<string, unknown>): Operation {
  const toSchema = (schema: z.ZodType, io: 'input' | 'output') => reference(schema, io, schemas);
  const parameters = [
    ...parametersOf(route.params, 'path', schemas),
    ...parametersOf(route.query, 'query', schemas),
    ...(route.idempotent
      ? [{ name: 'Idempotency-Key', in: 'header', required: false, schema: { type: 'string', maxLength: 200 } }]
      : []),
  ];
  const problem = {
    description: 'Problem',
    content: { 'application/problem+json': { schema: toSchema(ProblemDocument, 'output') } },
  };
  return {
    operationId: name,
    summary: route.summary,
    tags: [route.tag],
    description: route.permission === 'public' ? 'Needs no identity.' : `Needs the permission \`${route.permission}\`.`,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body
      ? {
          requestBody: {
            required: true,
            content: {
              'application/json': { schema: toSchema(route.body, 'input') },
              ...(route.bodyIsText ? { 'application/yaml': { schema: { type: 'string' } } } : {}),
            },
          },
        }
      : {}),
    responses: {
      [route.status]: {
        description: route.summary,
        ...(route.response ? { content: { 'application/json': { schema: toSchema(route.response, 'output') } } } : {}),
        ...(route.paged
          ? {
              headers: {
                Link: { description: 'The next page, when there is one: <…>; rel="next"', schema: { type: 'string' } },
              },
            }
          : {}),
      },
      default: problem,
    },
    ...(route.permission === 'public' ? { security: [] } : {}),
  };
}

function parametersOf(
  schema: z.ZodType | undefined,
  place: 'path' | 'query',
  schemas: Record<string, unknown>,
): unknown[] {
  if (!schema) return [];
  const json = inlined(schema, 'input', schemas) as { properties?: Record<string, unknown>; required?: string[] };
  return Object.entries(json.properties ?? {}).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || (json.required?.includes(name) ?? false),
    schema: property,
  }));
}

function reference(schema: z.ZodType, io: 'input' | 'output', schemas: Record<string, unknown>): unknown {
  const id = z.globalRegistry.get(schema)?.id;
  const json = inlined(schema, io, schemas);
  if (!id) return json;
  // A schema with a name may come as a mere reference to itself; then it is among the components already.
  if (!('$ref' in (json as object))) schemas[id] = json;
  return { $ref: `#/components/schemas/${id}` };
}

/** The schema itself; what it names goes to the components. */
function inlined(schema: z.ZodType, io: 'input' | 'output', schemas: Record<string, unknown>): unknown {
  const {
    $schema: _schema,
    $defs,
    id: _id,
    ...json
  } = z.toJSONSchema(schema, { target: 'draft-2020-12', io, unrepresentable: 'any' }) as Record<string, unknown>;
  for (const [name, definition] of Object.entries(($defs ?? {}) as Record<string, Record<string, unknown>>)) {
    const { id: _definitionId, ...rest } = definition;
    schemas[name] ??= relinked(rest);
  }
  return relinked(json);
}

function relinked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(relinked);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      key === '$ref' && typeof item === 'string' ? item.replace('#/$defs/', '#/components/schemas/') : relinked(item),
    ]),
  );
}

/** Addresses whose answer is not JSON of the contract. */
function addUntyped(paths: OpenApi['paths'], schemas: Record<string, unknown>): void {
  const problem = {
    description: 'Problem',
    content: { 'application/problem+json': { schema: reference(ProblemDocument, 'output', schemas) } },
  };
  const text = (operationId: string, summary: string, type: string, parameters?: unknown[]): Operation => ({
    operationId,
    summary,
    tags: ['operations'],
    description: 'Needs the permission `read`.',
    ...(parameters ? { parameters } : {}),
    responses: {
      200: {
        description: summary,
        content: { [type]: { schema: { type: type === 'application/json' ? 'object' : 'string' } } },
      },
      default: problem,
    },
  });
  paths['/api/executions/{id}/events'] = {
    get: text('streamExecutionEvents', 'Events of one execution as they happen (SSE)', 'text/event-stream', [
      { name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } },
    ]),
  };
  paths['/api/executions/{id}/logs.txt'] = {
    get: text('getExecutionLogText', 'The log as a text file', 'text/plain', [
      { name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } },
      { name: 'node', in: 'query', schema: { type: 'string' } },
      { name: 'step', in: 'query', schema: { type: 'string', format: 'uuid' } },
    ]),
  };
  paths['/api/docs'] = { get: text('getDocs', 'This description, to read', 'text/html') };
  paths['/api/openapi.json'] = { get: text('getOpenApi', 'This description, for programs', 'application/json') };
  paths['/metrics'] = { get: text('getMetrics', 'Measurements for Prometheus', 'text/plain') };
}
