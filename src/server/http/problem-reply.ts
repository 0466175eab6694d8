/** Turns every error into an RFC 9457 problem document; the only place that does. */
import { ERRORS, type ErrorCode, isPointsmanError, PointsmanError } from '../../contract/errors.ts';
import type { ProblemDocument } from '../../contract/problem.ts';

const FRAMEWORK_CODES: Record<string, ErrorCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
  FST_ERR_CTP_INVALID_JSON_BODY: 'MALFORMED_BODY',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'MALFORMED_BODY',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'MALFORMED_BODY',
  FST_ERR_BAD_URL: 'NOT_FOUND',
  FST_ERR_NOT_FOUND: 'NOT_FOUND',
};

export function asPointsmanError(error: unknown): PointsmanError {
  if (isPointsmanError(error)) return error;
  const { code, statusCode } = (error ?? {}) as { code?: string; statusCode?: number };
  const known = code ? FRAMEWORK_CODES[code] : undefined;
  if (known) return new PointsmanError(known, { cause: error });
  if (statusCode === 429) return new PointsmanError('RATE_LIMITED', { cause: error });
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new PointsmanError('MALFORMED_BODY', { cause: error });
  return new PointsmanError('INTERNAL', { cause: error });
}

export function problemDocument(error: PointsmanError, requestId: string): ProblemDocument {
  const { title, status, next } = ERRORS[error.code];
  const detail = `${error.message}${/[.!?]$/.test(error.message) ? '' : '.'} ${next}`;
  return {
    type: `/docs/errors#${error.code}`,
    title,
    status,
    detail,
    code: error.code,
    requestId,
    ...(error.problems ? { problems: error.problems } : {}),
  };
}
