/** One REST route, as the server registers it and as the OpenAPI document and the typed client know it. */
import type { z } from 'zod';
import type { Permission } from '../identity.ts';

export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Full path with `{name}` parameters. */
  path: string;
  summary: string;
  tag: string;
  /** 'public' needs no identity; the list of public routes is a test. */
  permission: 'public' | Permission;
  params?: z.ZodType;
  query?: z.ZodType;
  body?: z.ZodType;
  /** Raw: the handler reads text of any kind (a workflow in YAML). */
  bodyIsText?: true;
  /** Status of success and its body; null: no body. */
  status: 200 | 201 | 202 | 204;
  response: z.ZodType | null;
  /** Creation: honours Idempotency-Key. */
  idempotent?: true;
  /** At most so many requests from one address or credential, beside the limit of all. */
  perMinute?: number;
  /** The body is an array and `Link: <…>; rel="next"` leads on. */
  paged?: true;
}
