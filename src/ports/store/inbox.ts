/** Rows of the one queue of everything that waits for a person. */
import type { InboxItem, InboxItemType } from '../../contract/inbox.ts';

export interface InboxRecord extends InboxItem {
  /** The attempt that waits for the answer. */
  effectKey: string | null;
  /** Roles that may answer; null: every operator. */
  roles: string[] | null;
  form: unknown;
  /** What the agent's CLI calls the request it waits on; null for everything that no CLI asked. */
  requestId: string | null;
}

export interface InboxStore {
  /** Does nothing when the attempt has its open item already. */
  open(item: InboxRecord): Promise<'opened' | 'exists'>;
  get(id: string): Promise<InboxRecord | null>;
  list(
    filter: { state?: InboxItem['state']; type?: InboxItemType; executionId?: string; agentId?: string; by?: string },
    page: { limit: number; after?: string; newestFirst?: boolean },
  ): Promise<InboxRecord[]>;
  /** Compare-and-set on state `open`: the second answer gets null. */
  close(
    id: string,
    outcome: { state: 'resolved' | 'expired' | 'withdrawn'; resolution?: InboxItem['resolution']; form?: unknown },
  ): Promise<InboxRecord | null>;
  /** Takes an answer back that came too late: somebody else had answered in the terminal. */
  overtaken(id: string): Promise<InboxRecord | null>;
  /** Whether a person has allowed this very request, of whichever agent. */
  wasAllowed(requestId: string): Promise<boolean>;
  /** The CLI may ask the same again; the item stays as a record. */
  forgetRequest(id: string): Promise<void>;
  byRequest(agentId: string, requestId: string): Promise<InboxRecord | null>;
  openOf(filter: {
    executionId?: string;
    effectKey?: string;
    agentId?: string;
    type?: InboxItemType;
  }): Promise<InboxRecord[]>;
}
