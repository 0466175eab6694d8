/** Says what went wrong and what to do next, on stderr, and which exit code that is. */
import { ERRORS, type ErrorCode, isPointsmanError, type ProblemItem } from '../../contract/errors.ts';
import type { CommandIo } from '../command-io.ts';
import { UsageError } from '../usage-error.ts';
import { EXIT } from './exit-codes.ts';
import { paintFor } from './paint.ts';
import { printable, printableLine } from './printable-text.ts';

/** Statuses that say: what you gave is not valid. */
const INVALID = new Set([400, 413, 415, 422]);

/** Prints the error and returns the exit code: 2 when what was given is not valid, else 1. */
export function reportError(error: unknown, io: Pick<CommandIo, 'stderr' | 'env'>): number {
  const paint = paintFor(io.stderr, io.env);
  const { message, problems, next, exitCode } = describe(error);
  const lines = [`${paint('red', 'Error:')} ${printable(message)}`];
  for (const problem of problems) lines.push(`  ${describeProblem(problem)}`);
  if (next) lines.push(`${paint('bold', 'Next:')} ${next}`);
  io.stderr.write(`${lines.join('\n')}\n`);
  return exitCode;
}

/** `/nodes/2/config at 12:5: Unknown agent “x”.` Warnings say so. */
export function describeProblem(problem: ProblemItem): string {
  const place = problem.line === undefined ? '' : `${problem.line}:${problem.column ?? 1}`;
  const path = problem.path === '' ? '' : printableLine(problem.path);
  const where = [path, place && (path ? `at ${place}` : `line ${place}`)].filter(Boolean).join(' ');
  const warning = problem.severity === 'warning' ? 'warning: ' : '';
  return `${where}${where ? ': ' : ''}${warning}${printableLine(problem.message)}`;
}

interface Description {
  message: string;
  problems: readonly ProblemItem[];
  next: string | undefined;
  exitCode: number;
}

function describe(error: unknown): Description {
  if (error instanceof UsageError)
    return { message: error.message, problems: [], next: error.next, exitCode: EXIT.invalid };
  if (isPointsmanError(error)) {
    // A copy of this class from another version may carry a code that this one does not know.
    const entry = ERRORS[error.code as ErrorCode] as (typeof ERRORS)[ErrorCode] | undefined;
    const request = entry?.kind === 'unexpected' ? requestId(error.cause) : undefined;
    return {
      message: (error.message || entry?.title) + (request ? ` (request ${request})` : ''),
      problems: error.problems ?? [],
      next: withWait(nextOf(error) ?? entry?.next, error.retryAfterSeconds),
      exitCode: entry && (INVALID.has(entry.status) || error.code === 'CONFIG_INVALID') ? EXIT.invalid : EXIT.failed,
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    message: `Something went wrong in this command: ${message}`,
    problems: [],
    next: 'Try again; if it stays, report it with what you typed.',
    exitCode: EXIT.failed,
  };
}

/** A command that knows better than the catalogue what to do next says so in the cause. */
function nextOf(error: Error): string | undefined {
  const cause = error.cause as { next?: unknown } | undefined;
  return typeof cause?.next === 'string' ? cause.next : undefined;
}

function requestId(cause: unknown): string | undefined {
  const id = (cause as { requestId?: unknown } | undefined)?.requestId;
  return typeof id === 'string' ? printableLine(id) : undefined;
}

function withWait(next: string | undefined, seconds: number | undefined): string | undefined {
  return seconds === undefined ? next : `${next ?? ''} Wait ${seconds} s.`.trim();
}
