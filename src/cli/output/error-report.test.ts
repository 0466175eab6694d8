import { expect, test } from 'vitest';
import { PointsmanError } from '../../contract/errors.ts';
import { recordedIo } from '../testing/recorded-io.ts';
import { UsageError } from '../usage-error.ts';
import { reportError } from './error-report.ts';

test('an error says what happened, where, and what to do next, on stderr alone', () => {
  const io = recordedIo();
  const problems = [
    {
      path: '/nodes/2/config',
      code: 'UNKNOWN_AGENT',
      message: 'Unknown agent “x”.',
      severity: 'error' as const,
      line: 12,
      column: 5,
    },
    { path: '', code: 'YAML', message: 'Broken.', severity: 'error' as const, line: 3 },
    { path: '/nodes/0', code: 'W', message: 'Odd.', severity: 'warning' as const },
  ];
  expect(reportError(new PointsmanError('WORKFLOW_INVALID', { problems }), io)).toBe(2);
  expect(io.err()).toBe(
    'Error: The workflow is not valid\n  /nodes/2/config at 12:5: Unknown agent “x”.\n  line 3:1: Broken.\n  /nodes/0: warning: Odd.\nNext: Correct what `problems` lists.\n',
  );
  expect(io.out()).toBe('');
});

test.each([
  [new UsageError('No.', 'Do.'), 2],
  [new PointsmanError('CONFIG_INVALID'), 2],
  [new PointsmanError('MALFORMED_BODY'), 2],
  [new PointsmanError('AGENT_NOT_FOUND'), 1],
  [new PointsmanError('SERVER_UNREACHABLE'), 1],
  [new Error('oops'), 1],
  ['oops', 1],
])('%s ends with exit code %i', (error, exitCode) => {
  expect(reportError(error, recordedIo())).toBe(exitCode);
});

test('colour is for terminals, and not against NO_COLOR', () => {
  const shown = (options: Parameters<typeof recordedIo>[0]) => {
    const io = recordedIo(options);
    reportError(new UsageError('No.', 'Do.'), io);
    return io.err().includes('\u001b[');
  };
  expect([shown({ tty: true }), shown({ tty: true, env: { NO_COLOR: '1' } }), shown({ tty: false })]).toEqual([
    true,
    false,
    false,
  ]);
});

test('words of a server cannot act on the terminal', () => {
  const io = recordedIo();
  reportError(new PointsmanError('INTERNAL', { detail: 'bad\u001b[2J', cause: { requestId: 'r1' } }), io);
  expect(io.err()).toContain('Error: bad\\u001b[2J (request r1)');
});
