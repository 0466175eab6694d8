/**
 * What a terminal shows, looked at again and again while somebody sees it. A look costs the server one capture and the
 * page one text, whatever the agent printed in between; a socket for each would bring every byte and count as a viewer.
 */
import { useEffect, useState } from 'react';
import { request } from '../api/request.ts';

const LOOK_EVERY_MS = 1_000;
const CLOSE_LOOK_EVERY_MS = 250; // the one with the focus
const AFTER_FAILURE_MS = 5_000;

export function useScreen(agentId: string, { looks, close }: { looks: boolean; close: boolean }): string | null {
  const [screen, setScreen] = useState<string | null>(null);
  useEffect(() => {
    if (!looks) return;
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async (): Promise<void> => {
      let wait = close ? CLOSE_LOOK_EVERY_MS : LOOK_EVERY_MS;
      try {
        if (document.visibilityState === 'visible') {
          const { screen: text } = await request('GET /api/agents/{id}/screen', {
            params: { id: agentId },
            query: { format: 'ansi' },
            signal: stop.signal,
          });
          setScreen(text);
        }
      } catch {
        // It ends, begins or the server is away: the status of the tile tells it, and a later look may go well.
        wait = AFTER_FAILURE_MS;
      }
      if (!stop.signal.aborted) timer = setTimeout(() => void look(), wait);
    };
    // Not all tiles at the same moment.
    timer = setTimeout(() => void look(), close ? 0 : Math.random() * 250);
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [agentId, looks, close]);
  return screen;
}
