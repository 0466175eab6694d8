/** What an agent's conversation shows. */
import type { TranscriptEntry } from '../../src/contract/transcript.ts';
import { type Pointsman, until } from './pointsman-process.ts';

/** `role: text` of every entry, once `last` is the last of them: a CLI writes its last words down after its turn. */
export async function conversationUntil(server: Pointsman, agentId: string, last: string): Promise<string[]> {
  return until(`the words ${last}`, async () => {
    const { body } = await server.request<TranscriptEntry[]>('GET', `/api/agents/${agentId}/transcript`);
    const all = body.map(({ role, text }) => `${role}: ${text}`);
    return all.at(-1) === last && all;
  });
}
