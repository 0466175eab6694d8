/**
 * Asks a Pointsman under test as its own OpenAPI document describes it: each answer must have a status, a content type
 * and a body that the document promises. Remembers which operations succeeded.
 */
import { Validator } from '@cfworker/json-schema';
import { expect } from 'vitest';
import type { Answer, Pointsman } from './pointsman-process.ts';

interface MediaType {
  schema: Record<string, unknown>;
}
interface Described {
  operationId: string;
  description: string;
  parameters?: { name: string; in: string }[];
  responses: Record<string, { content?: Record<string, MediaType> }>;
}
export interface Operation extends Described {
  method: string;
  path: string;
}

export interface DescribedApi {
  server: Pointsman;
  operations: Operation[];
  /** Operation ids that were answered with the success they describe. */
  succeeded: Set<string>;
  request(method: string, address: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** The same as somebody else; null: nobody. */
  as(token: string | null): Pick<DescribedApi, 'request'>;
}

export async function describedApi(server: Pointsman): Promise<DescribedApi> {
  const { body: document } = await server.request('GET', '/api/openapi.json');
  const operations = Object.entries(document.paths as Record<string, Record<string, Described>>).flatMap(
    ([path, methods]) =>
      Object.entries(methods).map(([method, described]): Operation => ({
        ...described,
        method: method.toUpperCase(),
        path,
      })),
  );
  const succeeded = new Set<string>();

  async function request(
    method: string,
    address: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const answer = await server.request(method, address, body, headers);
    const operation = find(operations, method, address);
    if (!operation) return answer;
    const described = operation.responses[answer.status] ?? operation.responses['default'];
    const about = `${operation.operationId} answered ${answer.status}: ${JSON.stringify(answer.body)?.slice(0, 1500)}`;
    expect(described, about).toBeDefined();
    const type = answer.headers.get('content-type')?.split(';', 1)[0] ?? null;
    const media = described?.content ? described.content[type ?? ''] : undefined;
    if (described?.content) expect(Object.keys(described.content), about).toContain(type);
    else expect(answer.body, about).toBe('');
    if (media) {
      const { valid, errors } = new Validator(
        { ...media.schema, components: document.components },
        '2020-12',
        false,
      ).validate(answer.body);
      expect(valid, `${about}\n${JSON.stringify(errors.slice(-3), null, 1)}`).toBe(true);
    }
    if (operation.responses[answer.status]) succeeded.add(operation.operationId);
    return answer;
  }

  const as = (token: string | null) => ({
    request: (method: string, address: string, body?: unknown, headers: Record<string, string> = {}) =>
      request(method, address, body, { authorization: token === null ? '' : `Bearer ${token}`, ...headers }),
  });
  return { server, operations, succeeded, request, as };
}

function find(operations: readonly Operation[], method: string, address: string): Operation | undefined {
  const path = address.split('?', 1)[0] ?? '';
  const fitting = operations.filter(
    (operation) =>
      operation.method === method &&
      new RegExp(`^${operation.path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path),
  );
  // `/api/workflows/validate` is not the workflow named validate.
  return fitting.find((operation) => operation.path === path) ?? fitting[0];
}
