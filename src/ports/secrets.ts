/** Values that are stored encrypted and used by name. Knows nothing of who uses them for what. */
import type { Secret } from '../contract/secrets.ts';

export interface Secrets {
  /** Stores or replaces. */
  put(secret: { name: string; value: string; by: string }): Promise<Secret>;
  /** By name, without values. */
  list(page: { limit: number; after?: string }): Promise<Secret[]>;
  /** False when there was none. */
  remove(name: string): Promise<boolean>;
  isStored(name: string): Promise<boolean>;
  /** Null when there is none. Throws SECRET_UNREADABLE when the key that encrypted it is not the one in use. */
  reveal(name: string): Promise<string | null>;
}
