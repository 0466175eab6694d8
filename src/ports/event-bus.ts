/** Small notices between processes ("something new under this topic"); losing one only costs time. */

export interface Notice {
  channel: 'events' | 'effects' | 'timers' | 'mailbox' | 'tasks' | 'agents' | 'sessions' | 'triggers';
  /** Topic, execution id, agent id …; never content. */
  key: string;
}

export interface EventBus {
  publish(notice: Notice): Promise<void>;
  /** Also notices of this process. `lost` is called when notices may have been missed: look at the rows. */
  subscribe(listener: (notice: Notice) => void, lost?: () => void): () => void;
  close(): Promise<void>;
}
