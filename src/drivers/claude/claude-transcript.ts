/** What Claude Code's record says (2.1.330): a row for each block of an answer, for each prompt and each tool's end. */
import type { AgentDriver } from '../../ports/agent-driver.ts';
import { type Json, jsonRow, object, text } from '../json-row.ts';
import { readTranscript } from '../read-transcript.ts';
import { inputText, type ReadRow, type TranscriptPart } from '../transcript-part.ts';
import { adoptedTranscripts } from './adopted/adopted-transcripts.ts';
import { claudeDirectory, claudeTranscripts } from './claude-home.ts';

export const claudeTranscript: NonNullable<AgentDriver['transcript']> = async ({ directory }, range) => {
  const files = await claudeTranscripts(claudeDirectory(directory));
  return readTranscript({
    files: [...files, ...(await adoptedTranscripts(directory, files))],
    readRow: readClaudeRow,
    ...range,
  });
};

export const readClaudeRow: ReadRow = (line) => {
  // Most rows are something else, and some are megabytes long.
  if (!/"type":"(user|assistant|system)"/.test(line)) return null;
  const row = jsonRow(line);
  const { type, timestamp, uuid } = row;
  // What is meta was told to the model by the program; what a subagent said has a record of its own.
  if (typeof timestamp !== 'string' || row['isMeta'] === true || row['isSidechain'] === true) return null;
  const parts = type === 'system' ? noticeOf(row) : type === 'user' || type === 'assistant' ? saidIn(row, type) : [];
  return parts.length === 0 ? null : { at: timestamp, ...(typeof uuid === 'string' ? { key: uuid } : {}), parts };
};

function saidIn(row: Json, type: 'user' | 'assistant'): TranscriptPart[] {
  const { content } = object(row['message']);
  const byProgram =
    row['isApiErrorMessage'] === true ||
    row['isCompactSummary'] === true ||
    text(object(row['origin'])['kind']) === 'task-notification';
  const blocks =
    typeof content === 'string' ? [{ type: 'text', text: content }] : Array.isArray(content) ? content : [];
  return blocks.flatMap((one: unknown): TranscriptPart[] => {
    const block = object(one);
    switch (block['type']) {
      case 'text': {
        const said = text(block['text']);
        const command = commandOf(said);
        const isNotice = byProgram || command !== null || said.startsWith('[Request interrupted by user');
        return said === '' ? [] : [{ type: 'said', role: isNotice ? 'system' : type, text: command ?? said }];
      }
      case 'tool_use':
        return [{ type: 'called', id: text(block['id']), name: text(block['name']), input: inputText(block['input']) }];
      case 'tool_result':
        return [
          {
            type: 'returned',
            id: text(block['tool_use_id']),
            output: outputOf(block['content']),
            failed: block['is_error'] === true,
          },
        ];
      default:
        return [];
    }
  });
}

/** A command that a person gave to the program itself, e.g. `/clear`. */
function commandOf(said: string): string | null {
  const [, name] = /^<command-name>([^<]+)<\/command-name>/.exec(said) ?? [];
  if (name === undefined) return null;
  const [, given = ''] = /<command-args>([^]*?)<\/command-args>/.exec(said) ?? [];
  return `${name} ${given}`.trim();
}

function noticeOf(row: Json): TranscriptPart[] {
  if (!['local_command', 'compact_boundary', 'informational', 'api_error'].includes(text(row['subtype']))) return [];
  const said = text(row['content'])
    .replaceAll(/<\/?local-command-std(out|err)>/g, '')
    .trim();
  return said === '' ? [] : [{ type: 'said', role: 'system', text: said }];
}

function outputOf(content: unknown): string {
  if (!Array.isArray(content)) return text(content);
  return content
    .map((one: unknown) =>
      object(one)['type'] === 'text' ? text(object(one)['text']) : `[${text(object(one)['type'])}]`,
    )
    .join('\n');
}
