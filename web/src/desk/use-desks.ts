/** The desks of whoever is signed in, as React values. */
import { useEffect, useState, useSyncExternalStore } from 'react';
import { ApiError } from '../api/api-error.ts';
import { request } from '../api/request.ts';
import { useLinkState } from '../live/use-topic.ts';
import { DeskKeeper, type DeskState, type DeskTransport } from './desk-keeper.ts';

const params = { key: 'desks' } as const;
const transport: DeskTransport = {
  load: () => request('GET /api/me/preferences/{key}', { params }),
  save: async (value, version) => {
    try {
      const headers = { 'if-match': `"${version}"` };
      return await request('PUT /api/me/preferences/{key}', { params, body: { value }, headers });
    } catch (error) {
      if (error instanceof ApiError && error.code === 'VERSION_CONFLICT') return null;
      throw error;
    }
  },
};

export function useDesks(): { state: DeskState; keeper: DeskKeeper } {
  const [keeper] = useState(() => new DeskKeeper(transport));
  const state = useSyncExternalStore(keeper.subscribe, keeper.state);
  const link = useLinkState();
  useEffect(() => {
    // Somebody comes back to this tab, perhaps from another one with the same desk.
    const look = (): void => {
      if (document.visibilityState === 'visible') void keeper.refresh();
      else void keeper.save();
    };
    const focused = (): void => void keeper.refresh();
    document.addEventListener('visibilitychange', look);
    addEventListener('focus', focused);
    return () => {
      document.removeEventListener('visibilitychange', look);
      removeEventListener('focus', focused);
      void keeper.save();
    };
  }, [keeper]);
  // At first, and what could not be saved while the server was away.
  useEffect(() => void (keeper.state().desks ? keeper.save() : keeper.refresh()), [keeper, link]);
  return { state, keeper };
}
