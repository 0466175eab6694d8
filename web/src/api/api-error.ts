/** An answer that is not 2xx, in the words of its problem document. */
import type { Problem } from '../../../src/contract/problem.ts';

interface Details {
  status: number;
  code: string;
  title: string;
  detail: string;
  requestId?: string | undefined;
  problems?: Problem[] | undefined;
  cause?: unknown;
}

export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly requestId: string | undefined;
  readonly problems: Problem[];

  constructor({ status, code, title, detail, requestId, problems, cause }: Details) {
    super(detail, { cause });
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.title = title;
    this.requestId = requestId;
    this.problems = problems ?? [];
  }
}

export async function readProblem(response: Response): Promise<ApiError> {
  const document: unknown = await response.json().catch(() => null);
  const fields = typeof document === 'object' && document !== null ? (document as Partial<Details>) : {};
  return new ApiError({
    status: response.status,
    code: fields.code ?? `HTTP_${response.status}`,
    title: fields.title ?? `The server answered ${response.status}`,
    detail: fields.detail ?? fields.title ?? `The server answered ${response.status} ${response.statusText}`.trim(),
    requestId: fields.requestId,
    problems: Array.isArray(fields.problems) ? fields.problems : undefined,
  });
}

/** What to show a person for anything that was thrown. */
export function messageOf(error: unknown): string {
  if (error instanceof ApiError) {
    const first = error.problems.find((problem) => problem.severity === 'error');
    return first ? `${error.message} ${first.path ? `${first.path}: ` : ''}${first.message}` : error.message;
  }
  return error instanceof Error ? error.message : String(error);
}
