/**
 * Watches a Claude Code that a person started, by its session file and its transcript, and types nothing into it. What it
 * asks is answered in its own terminal: without hooks of ours nobody else can.
 */
import { join } from 'node:path';
import type { AgentConnection, Observation, ObservedStatus } from '../../../ports/agent-driver.ts';
import type { AgentSession } from '../../../ports/agent-host.ts';
import { originOf } from '../../conversation-origin.ts';
import { storeConversation } from '../../private-file.ts';
import { readSession, sessionsFolder, type SessionRecord } from '../interactive/session-file.ts';
import { readUsage, type TranscriptUsage } from '../interactive/transcript-usage.ts';
import { watchFolder } from '../interactive/watch-folder.ts';
import { transcriptsIn } from './adopted-transcripts.ts';

export async function observeClaude(options: {
  session: AgentSession;
  agentDirectory: string;
  observe: (observation: Observation) => void;
}): Promise<AgentConnection> {
  const { session, agentDirectory } = options;
  const configDirectory = await originOf(agentDirectory);
  if (configDirectory === null) throw new Error('it is not noted where this session keeps its files');
  const { panePid: pid, panePidStartTicks } = session.ref;
  let closed = false;
  let shown = '';
  let told = '';
  let used: { conversation: string; transcript: string; of: TranscriptUsage } | null = null;
  let transcripts: { close(): void } | undefined;

  const look = (): void => {
    if (closed) return;
    const state = readSession(configDirectory, pid);
    if (!state || state.process !== String(panePidStartTicks)) return;
    follow(state.conversation);
    const at = new Date(state.since).toISOString();
    const { status, reason } = statusIn(state);
    if (shown !== `${status} ${reason} ${at}`) {
      shown = `${status} ${reason} ${at}`;
      options.observe({ type: 'status', status, reason, source: 'session_file', at });
    }
    tellUsage();
  };

  const folder = watchFolder({ directory: sessionsFolder(configDirectory), onChange: look });
  look();

  return {
    deliver: () =>
      Promise.resolve({
        outcome: 'refused',
        code: 'AGENT_ADOPTED',
        reason: 'it runs in its own terminal; restart it, and it takes tasks',
      }),
    interrupt: () => Promise.resolve(),
    answer: () => Promise.resolve({ outcome: 'gone', reason: 'it is answered in its own terminal' }),
    recover: () => Promise.resolve({ outcome: 'not_started' }),
    close() {
      closed = true;
      folder.close();
      transcripts?.close();
    },
  };

  /** Another one after /clear. The record appears with its first prompt. */
  function follow(conversation: string): void {
    if (used?.conversation === conversation) return;
    // Only to resume it: nobody waits for this.
    if (used) void storeConversation(agentDirectory, conversation).catch(() => undefined);
    const [transcript] = transcriptsIn(configDirectory ?? '', conversation);
    if (transcript === undefined) return;
    used = { conversation, transcript, of: readUsage({ transcript, conversation, costFile: '' }) };
    transcripts?.close();
    transcripts = watchFolder({ directory: join(transcript, '..'), onChange: tellUsage });
  }

  function tellUsage(): void {
    if (closed || !used) return;
    const { conversation } = used;
    const total = used.of.total();
    const news = `${conversation} ${JSON.stringify(total)}`;
    if (news === told || total.inputTokens === 0) return;
    told = news;
    options.observe({ type: 'usage', at: new Date().toISOString(), taskId: null, conversation, total });
  }
}

export function statusIn({ status, waitingFor }: Pick<SessionRecord, 'status' | 'waitingFor'>): {
  status: ObservedStatus;
  reason: string;
} {
  if (status === 'waiting')
    return {
      status: 'blocked',
      reason: `Claude Code waits in its own terminal for: ${waitingFor ?? 'somebody'}; answer it there (from its next restart on, such requests come to the inbox)`,
    };
  if (status === 'busy') return { status: 'working', reason: 'Claude Code says that it is busy' };
  return { status: 'idle', reason: 'Claude Code waits for a prompt in its own terminal' };
}
