/** Rows of web push: the server's keys, the browsers that want to be told, and what was told to each of them. */
import type { InboxItemType } from '../../contract/inbox.ts';

export interface PushKeys {
  /** As base64url. */
  publicKey: string;
  /** Ciphertext. */
  privateKey: string;
}

export interface PushSubscriptionRecord {
  id: string;
  /** The user or token that it belongs to. */
  ownerId: string;
  /** Of its address, which is a secret of its browser: finds the same one again. */
  endpointHash: string;
  service: string;
  device: string;
  kinds: InboxItemType[];
  /** Ciphertext of its address and keys. */
  sealed: string;
  /** Items from then on are told; it moves when the kinds change. */
  since: string;
  createdAt: string;
  lastSentAt: string | null;
}

/** One item that one browser has to be told of. */
export interface DuePush {
  itemId: string;
  subscriptionId: string;
  sealed: string;
  type: InboxItemType;
  /** The name of its agent, or of its execution. */
  from: string | null;
  expiresAt: string | null;
  /** Open items. */
  waiting: number;
  /** This one counted. */
  tries: number;
}

export interface PushStore {
  keys(): Promise<PushKeys | null>;
  /** Keeps these unless there are some, and gives those that are kept. */
  keepKeys(keys: PushKeys): Promise<PushKeys>;
  /** The same address again replaces what it said before; beyond `most` of one owner the oldest go. */
  put(subscription: PushSubscriptionRecord, most: number): Promise<PushSubscriptionRecord>;
  /** Oldest first. */
  of(ownerId: string): Promise<PushSubscriptionRecord[]>;
  /** Null when the owner has none of this id. */
  get(id: string, ownerId: string): Promise<PushSubscriptionRecord | null>;
  setKinds(id: string, ownerId: string, change: { kinds: InboxItemType[]; at: string }): Promise<boolean>;
  remove(id: string): Promise<boolean>;
  /**
   * Open items that a browser wants and was not told of, and those that are to be tried again: marked as on their way
   * with this call, so that nobody ever sends them a second time, whatever becomes of this process.
   */
  claim(now: string, limit: number): Promise<DuePush[]>;
  /** How it went. `again`: nothing has arrived, so it is due once more at this moment. */
  settle(
    push: Pick<DuePush, 'itemId' | 'subscriptionId'>,
    end: { outcome: 'sent' | 'unknown' | 'refused'; at: string } | { outcome: 'again'; at: string },
  ): Promise<void>;
  /** When, after this moment, the next one is to be tried again. */
  nextAgain(now: string): Promise<string | null>;
}
