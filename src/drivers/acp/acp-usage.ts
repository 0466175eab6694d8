/** What a prompt has used, by what its answer says, and what a conversation has: agents tell only the first. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { UsageTotal } from '../../ports/agent-driver.ts';
import { writePrivate } from '../private-file.ts';
import { type Json, objects, object } from '../json-row.ts';

export interface PromptUsage {
  inputTokens: number;
  outputTokens: number;
}

/** Null when the agent says nothing of it. */
export function usageOf(result: Json): PromptUsage | null {
  const standard = object(result['usage']);
  if (typeof standard['inputTokens'] === 'number') {
    const of = (name: string): number => (typeof standard[name] === 'number' ? standard[name] : 0);
    return {
      inputTokens: of('inputTokens') + of('cachedReadTokens') + of('cachedWriteTokens'),
      outputTokens: of('outputTokens') + of('thoughtTokens'),
    };
  }
  // Gemini CLI: in total, and by model.
  const quota = object(object(result['_meta'])['quota']);
  const counts = 'token_count' in quota ? [object(quota['token_count'])] : objects(quota['model_usage']);
  if (counts.length === 0) return null;
  const sum = (name: string): number => counts.reduce((all, one) => all + (Number(one[name]) || 0), 0);
  return { inputTokens: sum('input_tokens'), outputTokens: sum('output_tokens') };
}

interface ConversationUsage {
  conversation: string;
  used: UsageTotal;
}

/** So that the next program, which resumes the conversation, counts on. */
export async function storeUsage(agentDirectory: string, usage: ConversationUsage): Promise<void> {
  await writePrivate(usageFile(agentDirectory), JSON.stringify(usage));
}

export async function storedUsage(agentDirectory: string, conversation: string): Promise<UsageTotal> {
  const text = await readFile(usageFile(agentDirectory), 'utf8').catch(() => null);
  // Written by us alone, and whole or not at all.
  const stored = text === null ? null : (JSON.parse(text) as ConversationUsage);
  return stored?.conversation === conversation ? stored.used : { inputTokens: 0, outputTokens: 0, cost: 0 };
}

function usageFile(agentDirectory: string): string {
  return join(agentDirectory, 'conversation-usage.json');
}
