import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readTranscript } from '../read-transcript.ts';
import { linesOf, toolNamed } from '../../../test/support/transcript-lines.ts';
import { readCodexRow } from './codex-transcript.ts';

describe('the rollout of Codex 0.169.0', () => {
  test('is prompt, tool with input and output, answer, and failures of the endpoint, over a restart', async () => {
    const files = [join(import.meta.dirname, 'recorded/rollout.jsonl')];
    const { entries } = await readTranscript({ files, readRow: readCodexRow, limit: 50 });
    expect(linesOf(entries)).toEqual([
      'user hello',
      expect.stringMatching(/^tool exec_command failed Chunk ID: /),
      'assistant one',
      expect.stringMatching(/^user STUB:tool apply_patch/),
      'tool apply_patch succeeded Exit code: 0',
      'assistant two',
      'user STUB:error 400 broken',
      expect.stringContaining('broken'),
      'user STUB:text after the restart',
      'assistant after the restart',
    ]);
    const { input, output } = toolNamed(entries, 'exec_command');
    expect(JSON.parse(input)).toEqual({ cmd: 'echo out; false' });
    expect(output).toMatch(/Output:\nout\n$/);
    expect(toolNamed(entries, 'apply_patch').input).toContain('*** Add File: new.txt');
  });

  test('shows nothing of rows that are broken or without a time', () => {
    const payload = { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'x' }] };
    const row = { timestamp: '2026-11-26T14:02:49.649Z', type: 'response_item', payload };
    expect(readCodexRow(JSON.stringify(row))).toMatchObject({ parts: [{ role: 'assistant', text: 'x' }] });
    for (const change of [{ timestamp: null }, { payload: [] }, { type: 'turn_context' }])
      expect(readCodexRow(JSON.stringify({ ...row, ...change }))).toBeNull();
    expect(readCodexRow('{"timestamp":')).toBeNull();
  });

  test('what is told to the model in the name of the user is no prompt', () => {
    const payload = { type: 'message', role: 'user', content: [{ type: 'input_text', text: '<environment_context>' }] };
    expect(
      readCodexRow(JSON.stringify({ timestamp: '2026-11-26T14:02:49.649Z', type: 'response_item', payload })),
    ).toBeNull();
  });
});
