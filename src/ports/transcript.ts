/** One page of what a CLI has recorded of its conversation. */
import type { TranscriptEntry } from '../contract/transcript.ts';

export interface TranscriptPage {
  /** Oldest first. */
  entries: TranscriptEntry[];
  /** Where the page before this one ends; null: there is nothing older. */
  older: string | null;
}

export interface TranscriptRange {
  limit: number;
  /** `older` of another page; without it the newest page. */
  before?: string;
}
