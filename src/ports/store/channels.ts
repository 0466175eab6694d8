/** Rows of channels; they name secrets and hold none. */
import type { Channel } from '../../contract/channels.ts';

export interface ChannelStore {
  /** Adds or replaces. */
  put(channel: Pick<Channel, 'name' | 'kind' | 'url' | 'secret'> & { by: string }): Promise<Channel>;
  get(name: string): Promise<Channel | null>;
  /** By name; without a page all of them, they are few. */
  list(page?: { limit: number; after?: string }): Promise<Channel[]>;
  /** False when there was none. */
  remove(name: string): Promise<boolean>;
}
