import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readTranscript } from '../read-transcript.ts';
import { linesOf, toolNamed } from '../../../test/support/transcript-lines.ts';
import { parseAcpEvent } from './acp-event.ts';
import { type AcpRecord, acpRecordFile, openAcpRecord, readAcpRow } from './acp-record.ts';

test('what opencode 1.18.33 prints becomes prompt, tool with input and output, and answer', async () => {
  const directory = temporary();
  const record = await openAcpRecord(directory, null);
  record.begin('a', 'list it', 0);
  replay(record, 'opencode-output.jsonl');
  const { entries } = await shown(directory);
  expect(linesOf(entries)).toEqual(['user list it', 'tool Bash succeeded out', 'assistant one']);
  const { input, output } = toolNamed(entries, 'Bash');
  expect(JSON.parse(input)).toMatchObject({ command: 'echo out; ls /nope' });
  expect(output).toContain('No such file');
});

test('what Gemini CLI 0.61.0 prints becomes the same, though it tells no output of commands', async () => {
  const directory = temporary();
  const record = await openAcpRecord(directory, null);
  record.begin('run-1', 'make it', 0);
  replay(record, 'gemini-output.jsonl', { but: /MODE_UPDATE/, next: 'run-2' });
  const { entries } = await shown(directory);
  expect(linesOf(entries)).toEqual([
    'user make it',
    'tool Bash succeeded',
    'assistant one',
    'user and more',
    'tool Edit succeeded /srv/work space/x.txt',
    'assistant two',
  ]);
  expect(JSON.parse(toolNamed(entries, 'Bash').input)).toEqual({ command: 'echo out; ls /nope' });
  expect(toolNamed(entries, 'Edit').output).toBe('/srv/work space/x.txt\nx');
});

test('a server that comes back and reads everything again writes nothing twice', async () => {
  const directory = temporary();
  const first = await openAcpRecord(directory, null);
  first.begin('a', 'list it', 0);
  replay(first, 'opencode-output.jsonl');
  const before = readFileSync(acpRecordFile(directory), 'utf8');
  replay(await openAcpRecord(directory, 'a'), 'opencode-output.jsonl');
  expect(readFileSync(acpRecordFile(directory), 'utf8')).toBe(before);
});

test('what comes without a prompt of ours is not recorded: a loaded conversation is told again', async () => {
  const directory = temporary();
  replay(await openAcpRecord(directory, null), 'opencode-output.jsonl');
  replay(await openAcpRecord(directory, 'never recorded'), 'opencode-output.jsonl');
  expect(await shown(directory)).toEqual({ entries: [], older: null });
});

test('a call without an end is pending, and words without one are kept when the program ends', async () => {
  const directory = temporary();
  const record = await openAcpRecord(directory, null);
  record.begin('a', 'go', 10);
  const call = { sessionUpdate: 'tool_call', toolCallId: 'c', kind: 'execute', title: 'sleep', status: 'in_progress' };
  take(record, { method: 'session/update', params: { update: call } }, 20);
  const words = { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: 'half a' } };
  take(record, { method: 'session/update', params: { update: words } }, 30);
  record.close();
  expect(linesOf((await shown(directory)).entries)).toEqual(['user go', 'tool Bash pending', 'assistant half a']);
});

/** The prompt `next` is given where its fence was answered, as it was when this was recorded. */
function replay(record: AcpRecord, name: string, { but, next }: { but?: RegExp; next?: string } = {}): void {
  let end = 0;
  for (const line of readFileSync(join(import.meta.dirname, 'recorded', name), 'utf8')
    .trimEnd()
    .split('\n')) {
    if (next !== undefined && line.includes(`"fence/${next}"`)) record.begin(next, 'and more', end);
    end += Buffer.byteLength(line) + 1;
    if (but?.test(line) !== true) take(record, JSON.parse(line) as object, end);
  }
}

function take(record: AcpRecord, message: object, end: number): void {
  const event = parseAcpEvent(JSON.stringify(message));
  if (event) record.take(event, end);
}

async function shown(directory: string) {
  return readTranscript({ files: [acpRecordFile(directory)], readRow: readAcpRow, limit: 50 });
}

function temporary(): string {
  const directory = mkdtempSync(join(tmpdir(), 'pm-record-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}
