/**
 * The record of an ACP agent's conversation. The protocol has none: what the agent prints has neither times nor prompts,
 * and is gone with the program. So each whole thing that it printed is written down once, in the agent's directory.
 */
import { appendFileSync, existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { jsonRow, text } from '../json-row.ts';
import { rowsBackward } from '../rows-backward.ts';
import { inputText, type ReadRow } from '../transcript-part.ts';
import { type AcpEvent, type ToolCall } from './acp-event.ts';
import { inputOf, toolName } from './acp-permission.ts';

export interface AcpRecord {
  /** `offset`: where the output ends at this moment; what belongs to the prompt comes after it. */
  begin(taskId: string, prompt: string, offset: number): void;
  /** `end`: the byte after the line; a line that is read again is written once. */
  take(event: AcpEvent, end: number): void;
  /** Writes what is half told. */
  close(): void;
}

export function acpRecordFile(agentDirectory: string): string {
  return join(agentDirectory, 'conversation.jsonl');
}

/** `taskId`: the prompt that the agent is on, when it is on one since before we came. */
export async function openAcpRecord(agentDirectory: string, taskId: string | null): Promise<AcpRecord> {
  const file = acpRecordFile(agentDirectory);
  let known = taskId === null ? null : await recordedOf(file, taskId);
  let task = taskId;
  let words = { text: '', end: 0 };
  const calls = new Map<string, { call: ToolCall; written: string }>();

  const write = (row: object, end: number): void => {
    if (known === null || end <= known) return;
    appendFileSync(file, `${JSON.stringify({ timestamp: new Date().toISOString(), task, end, ...row })}\n`, {
      mode: 0o600,
    });
  };
  const sayWords = (): void => {
    if (words.text.trim() !== '') write({ said: 'assistant', text: words.text }, words.end);
    words = { text: '', end: 0 };
  };

  return {
    begin(id, prompt, offset) {
      sayWords();
      calls.clear();
      task = id;
      known = -1;
      write({ said: 'user', text: prompt }, offset);
      known = offset;
    },
    take(event, end) {
      if (known === null) return;
      if (event.type === 'text') words = { text: words.text + event.text, end };
      else if (event.type === 'tool_call') {
        sayWords();
        const before = calls.get(event.call.id);
        const call = { ...before?.call, ...event.call };
        const told = rowOfCall(call);
        // Its output may be told bit by bit: it is written when it is whole.
        const written = JSON.stringify([told.name, told.input, told.status]);
        calls.set(event.call.id, { call, written });
        if (written !== before?.written) write(told, end);
      } else if (event.type === 'answered' && event.id === `prompt/${task}`) {
        sayWords();
        if (event.error) write({ said: 'system', text: event.error.message }, end);
        known = null; // what it tells between two prompts is not said to anybody
      }
    },
    close: sayWords,
  };
}

/** Until which byte of the output this prompt is recorded; null when it is not. */
async function recordedOf(file: string, taskId: string): Promise<number | null> {
  if (!existsSync(file)) return null;
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    for await (const line of rowsBackward(handle, size, () => undefined)) {
      const { task, end } = jsonRow(line);
      if (typeof end === 'number') return task === taskId ? end : null;
    }
    return null;
  } finally {
    await handle.close();
  }
}

function rowOfCall(call: ToolCall) {
  const isOver = call.status === 'completed' || call.status === 'failed';
  const { changes: _, ...input } = inputOf(call);
  return {
    call: call.id,
    name: toolName(call),
    input,
    status: isOver ? call.status : 'running',
    ...(isOver ? { output: outputOf(call) } : {}),
  };
}

function outputOf({ content = [] }: ToolCall): string {
  return content
    .map((one) => {
      if (one['type'] === 'diff') return `${text(one['path'])}\n${text(one['newText'])}`;
      const inner = one['content'];
      return typeof inner === 'object' && inner !== null && 'text' in inner ? text(inner.text) : '';
    })
    .join('\n');
}

export const readAcpRow: ReadRow = (line) => {
  const { timestamp: at, task, said, text: words, call, name, input, status, output } = jsonRow(line);
  if (typeof at !== 'string') return null;
  if (said === 'user' || said === 'assistant' || said === 'system')
    return {
      at,
      // Only a prompt that did not arrive is given again.
      ...(said === 'user' ? { key: `prompt/${text(task)}` } : {}),
      parts: [{ type: 'said', role: said, text: text(words) }],
    };
  if (typeof call !== 'string') return null;
  // A call is written again when more of it is known: the newest row has all of it.
  const id = `${text(task)}/${call}`;
  const called = { type: 'called' as const, id, name: text(name), input: inputText(input) };
  if (status === 'running') return { at, key: id, parts: [called] };
  return { at, key: id, parts: [called, { type: 'returned', id, output: text(output), failed: status === 'failed' }] };
};
