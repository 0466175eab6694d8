/** What is known now of the program that an agent's session runs, as its events and answers have told it. */
import type { SessionStatus } from './opencode-event.ts';
import type { OpencodeServer } from './opencode-server.ts';

export interface RunningOpencode {
  /** Null before it has said where it listens. */
  server: OpencodeServer | null;
  conversation: string | null;
  /** Of the conversation. */
  status: SessionStatus;
  /** It was asked for everything that may have changed unseen. */
  ready: boolean;
  /** Why it cannot be used. */
  broken: string | null;
  exited: boolean;
}

export function notYetKnown(): RunningOpencode {
  return { server: null, conversation: null, status: { type: 'idle' }, ready: false, broken: null, exited: false };
}

export function apiOf({ server }: RunningOpencode): OpencodeServer {
  if (!server) throw new Error('opencode does not listen yet');
  return server;
}

export function conversationOf({ conversation }: RunningOpencode): string {
  if (conversation === null) throw new Error('opencode has not opened a conversation');
  return conversation;
}
