/** Rows of the rules that answer permission requests. */
import type { Policy } from '../../contract/policies.ts';

export interface PolicyStore {
  insert(policy: Policy): Promise<void>;
  /** All of them, oldest first; they are few. */
  list(page?: { limit: number; after?: string }): Promise<Policy[]>;
  /** False when there was none. */
  remove(id: string): Promise<boolean>;
}
