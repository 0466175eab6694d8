/** What Codex's record of a thread, its “rollout”, says (0.169.0), and where it lies. */
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Json, jsonRow, object, text } from '../json-row.ts';
import { adoptedRollout } from './adopted/codex-adoption.ts';
import { inputText, type ReadRow, type TranscriptPart } from '../transcript-part.ts';

/** A file for each thread, in a folder for each day on which one began; threads of subagents are not the conversation. */
export async function codexTranscripts(agentDirectory: string): Promise<string[]> {
  const codexHome = join(agentDirectory, 'codex');
  const sessions = join(codexHome, 'sessions');
  const found = await readdir(sessions, { recursive: true }).catch(() => []);
  const files = found.filter((name) => name.endsWith('.jsonl')).map((name) => join(sessions, name));
  const own = await Promise.all(files.map(async (file) => !(await isOfSubagent(file))));
  const adopted = await adoptedRollout({ agentDirectory, codexHome });
  return [...files.filter((_, index) => own[index]), ...(adopted ? [adopted.file] : [])];
}

/** Its first row says who began the thread. */
async function isOfSubagent(file: string): Promise<boolean> {
  const beginning = createReadStream(file, { encoding: 'utf8', end: 4095 });
  let first = '';
  for await (const piece of beginning) first += String(piece);
  return /"source":\{"sub_?agent"/i.test(first);
}

export const readCodexRow: ReadRow = (line) => {
  const row = jsonRow(line);
  const at = row['timestamp'];
  const payload = object(row['payload']);
  if (typeof at !== 'string') return null;
  const parts = row['type'] === 'response_item' ? itemOf(payload) : row['type'] === 'event_msg' ? eventOf(payload) : [];
  return parts.length === 0 ? null : { at, parts };
};

/** What the model was given and gave; prompts are taken from events, since much else is told in the user's name. */
function itemOf(item: Json): TranscriptPart[] {
  const id = text(item['call_id']);
  switch (item['type']) {
    case 'message': {
      const said = textsOf(item['content']);
      return item['role'] === 'assistant' && said !== '' ? [{ type: 'said', role: 'assistant', text: said }] : [];
    }
    case 'function_call':
      return [{ type: 'called', id, name: text(item['name']), input: argumentsOf(text(item['arguments'])) }];
    case 'custom_tool_call':
      return [{ type: 'called', id, name: text(item['name']), input: text(item['input']) }];
    case 'function_call_output':
    case 'custom_tool_call_output': {
      const output = typeof item['output'] === 'string' ? item['output'] : textsOf(item['output']);
      return [{ type: 'returned', id, output, failed: hasFailed(output) }];
    }
    default:
      return [];
  }
}

function eventOf(event: Json): TranscriptPart[] {
  const item = object(event['item']);
  if (event['type'] === 'item_completed' && item['type'] === 'UserMessage') {
    const said = textsOf(item['content']);
    return said === '' ? [] : [{ type: 'said', role: 'user', text: said }];
  }
  const message = text(object(event['error'])['message']);
  if (event['type'] === 'task_complete' && message !== '') return [{ type: 'said', role: 'system', text: message }];
  if (event['type'] === 'turn_aborted') return [{ type: 'said', role: 'system', text: 'The turn was interrupted.' }];
  return [];
}

/** Only the words of its output say so. */
function hasFailed(output: string): boolean {
  const [, code] = /^(?:[^\n]*\n){0,3}?(?:Process exited with code|Exit code:) (\d+)$/m.exec(output) ?? [];
  return code !== undefined && code !== '0';
}

function argumentsOf(given: string): string {
  try {
    return inputText(JSON.parse(given));
  } catch {
    return given;
  }
}

function textsOf(content: unknown): string {
  return (Array.isArray(content) ? content : []).map((one: unknown) => text(object(one)['text'])).join('');
}
