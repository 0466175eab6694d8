import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readTranscript } from '../read-transcript.ts';
import { linesOf, toolNamed } from '../../../test/support/transcript-lines.ts';
import { readClaudeRow } from './claude-transcript.ts';

const recorded = (name: string) => join(import.meta.dirname, 'recorded', name);

describe('the record of Claude Code 2.1.330', () => {
  test('is prompt, tool with input and output, answer, what subagents left, and failures of the endpoint', async () => {
    const { entries, older } = await readTranscript({
      files: [recorded('headless.jsonl')],
      readRow: readClaudeRow,
      limit: 50,
    });
    expect(linesOf(entries)).toEqual([
      'user hello',
      'tool Bash succeeded (Bash completed with no output)',
      'assistant one **bold**',
      'user STUB:tool Agent {"description":"look","prompt":"STUB:text sub done","subagent_type":"general-purpose"}',
      'tool Agent succeeded Async agent launched successfully. (This tool result is internal metadata — never quote or paste any part of it, including the agentId below, into a user-facing reply.)',
      'assistant two',
      'system <task-notification>',
      'assistant two',
      'user STUB:error 400 broken',
      'system API Error: 400 broken',
      'user STUB:text after the restart',
      'assistant after the restart',
    ]);
    expect(toolNamed(entries, 'Bash').input).toBe('{\n  "command": "true",\n  "description": "does nothing"\n}');
    expect(older).toBeNull();
  });

  test('goes on in the next file after a /clear, which is named', async () => {
    const files = [recorded('after-clear.jsonl'), recorded('before-clear.jsonl')];
    const { entries } = await readTranscript({ files, readRow: readClaudeRow, limit: 50 });
    expect(linesOf(entries)).toEqual([
      'user hello',
      expect.stringMatching(/^tool Bash succeeded HUP INT QUIT/),
      'assistant one',
      'system /clear',
      'user STUB:text after clear',
      'assistant after clear',
    ]);
  });

  test('shows nothing of rows that are broken, meta or of a subagent', () => {
    const row = { type: 'user', timestamp: '2026-11-26T14:07:09.453Z', message: { content: 'x' } };
    expect(readClaudeRow(JSON.stringify(row))).toMatchObject({ parts: [{ role: 'user', text: 'x' }] });
    for (const change of [{ isMeta: true }, { isSidechain: true }, { timestamp: 1 }, { message: 7 }, { type: 'mode' }])
      expect(readClaudeRow(JSON.stringify({ ...row, ...change }))).toBeNull();
    expect(readClaudeRow(`${JSON.stringify(row).slice(0, -2)}`)).toBeNull();
  });

  test('a tool that was interrupted has failed, with what it said', () => {
    const content = [
      { type: 'tool_result', tool_use_id: 't', is_error: true, content: [{ type: 'text', text: 'no' }] },
    ];
    expect(
      readClaudeRow(JSON.stringify({ type: 'user', timestamp: '2026-11-26T14:07:09.453Z', message: { content } })),
    ).toMatchObject({ parts: [{ type: 'returned', id: 't', output: 'no', failed: true }] });
  });
});

test('every recorded row is read or passed over, whatever it is', () => {
  const rows = readFileSync(recorded('headless.jsonl'), 'utf8').trimEnd().split('\n');
  expect(rows.map(readClaudeRow).filter((row) => row !== null)).toHaveLength(14);
});
