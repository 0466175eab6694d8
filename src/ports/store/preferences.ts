/** Rows of preferences: whose they are, and a version that each change raises. */
import type { Preference, PreferenceKey } from '../../contract/preferences.ts';

export interface PreferenceStore {
  /** Version 0 and null when nothing was put yet. */
  get(ownerId: string, key: PreferenceKey): Promise<Preference>;
  /** Null when it has another version than `ifVersion`; 0 there means that nothing was put yet. */
  put(
    ownerId: string,
    key: PreferenceKey,
    change: { value: unknown; ifVersion: number | null },
  ): Promise<Preference | null>;
}
