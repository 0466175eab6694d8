/** Rows of secrets; values are here only as ciphertext. */
import type { Secret } from '../../contract/secrets.ts';

export interface SecretStore {
  put(row: { name: string; ciphertext: string; by: string }): Promise<Secret>;
  /** By name. */
  list(page: { limit: number; after?: string }): Promise<Secret[]>;
  remove(name: string): Promise<boolean>;
  ciphertext(name: string): Promise<string | null>;
}
