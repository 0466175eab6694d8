/** Values that are stored encrypted and used by name. Knows nothing of who uses them for what. */
import type { Secret } from '../contract/secrets.ts';

export interface Secrets {
  /** Stores or replaces. */
  put(secret: { name: string; value: string; by: string }): Promise<Secret>;
  /** By name, without values. */
  list(page: { limit: number; after?: string }): Promise<Secret[]>;
  /** False when there was none. */
  remove(name: string): Promise<boolean>;
  /** A value that is kept beside what it belongs to: encrypted under that thing's name. */
  seal(name: string, value: string): string;
  /** What was sealed under this name. Throws SECRET_UNREADABLE as `reveal` does. */
  unseal(name: string, ciphertext: string): string;
  isStored(name: string): Promise<boolean>;
  /** Null when there is none. Throws SECRET_UNREADABLE when the key that encrypted it is not the one in use. */
  reveal(name: string): Promise<string | null>;
}
