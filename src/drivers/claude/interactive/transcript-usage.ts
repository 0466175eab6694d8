/** What a conversation has used, from the rows of its transcript and its helpers' transcripts, and the told cost. */
import { closeSync, openSync, readFileSync, readSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { UsageTotal } from '../../../ports/agent-driver.ts';

export interface TranscriptUsage {
  /** Reads what was added since. */
  total(): UsageTotal;
  /** When the model's endpoint failed last, by the rows read so far. */
  readonly failedAt: string;
}

export function readUsage({
  transcript,
  conversation,
  costFile,
}: {
  transcript: string;
  conversation: string;
  costFile: string;
}): TranscriptUsage {
  const offsets = new Map<string, { offset: number; rest: string }>();
  // One row per block of an answer: the last one of an id has the whole count.
  const rows: Rows = { messages: new Map(), failedAt: '' };
  // Subagents have transcripts of their own beside it.
  const helpers = join(dirname(transcript), conversation, 'subagents');

  const readNew = (file: string): void => {
    let at = offsets.get(file);
    if (!at) offsets.set(file, (at = { offset: 0, rest: '' }));
    let fd: number;
    try {
      fd = openSync(file, 'r');
    } catch {
      return; // nothing was said yet
    }
    try {
      const chunk = Buffer.alloc(256 * 1024);
      for (let read = 0; (read = readSync(fd, chunk, 0, chunk.length, at.offset)) > 0;) {
        at.offset += read;
        const lines = (at.rest + chunk.toString('latin1', 0, read)).split('\n');
        at.rest = lines.pop() ?? '';
        for (const line of lines) count(line, rows);
      }
    } finally {
      closeSync(fd);
    }
  };

  return {
    get failedAt() {
      return rows.failedAt;
    },
    total() {
      readNew(transcript);
      for (const name of filesIn(helpers)) if (name.endsWith('.jsonl')) readNew(join(helpers, name));
      let inputTokens = 0;
      let outputTokens = 0;
      for (const { input, output } of rows.messages.values()) {
        inputTokens += input;
        outputTokens += output;
      }
      return { inputTokens, outputTokens, cost: toldCost(costFile, conversation) };
    },
  };
}

interface Rows {
  messages: Map<string, { input: number; output: number }>;
  failedAt: string;
}

function count(line: string, rows: Rows): void {
  // Most rows are something else, and some are megabytes long.
  if (!line.includes('"usage"') || !line.includes('"assistant"')) return;
  try {
    const row = JSON.parse(line) as {
      type?: string;
      timestamp?: string;
      isApiErrorMessage?: boolean;
      message?: { id?: string; usage?: Record<string, unknown> };
    };
    if (row.isApiErrorMessage === true) rows.failedAt = row.timestamp ?? '';
    const { id, usage } = row.message ?? {};
    if (row.type !== 'assistant' || id === undefined || usage === undefined) return;
    const tokens = (name: string): number => (typeof usage[name] === 'number' ? usage[name] : 0);
    rows.messages.set(id, {
      input: tokens('input_tokens') + tokens('cache_creation_input_tokens') + tokens('cache_read_input_tokens'),
      output: tokens('output_tokens'),
    });
  } catch {
    // A row of another shape is none of ours.
  }
}

/** By Claude Code's own price list, as its status line was told last: for a moment after a turn, of the turn before. */
function toldCost(file: string, conversation: string): number {
  try {
    const told = JSON.parse(readFileSync(file, 'utf8')) as {
      session_id?: string;
      cost?: { total_cost_usd?: number };
    };
    return told.session_id === conversation ? (told.cost?.total_cost_usd ?? 0) : 0;
  } catch {
    return 0;
  }
}

function filesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
