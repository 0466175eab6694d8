/**
 * /ws/terminals/{agentId}: a repaint of the screen, then its bytes, to any number of viewers; keystrokes only from
 * whoever holds the seat. A viewer that is too slow is repainted when it has caught up; the agent never waits.
 */
import type { RawData, WebSocket } from 'ws';
import { TerminalClientFrame, type TerminalServerFrame } from '../../contract/live.ts';
import { isPointsmanError } from '../../contract/errors.ts';
import type { AgentSession, TerminalEvent } from '../../ports/agent-host.ts';
import { may } from '../auth/principal.ts';
import { giveSeat, takeSeat } from '../routes/agent-routes.ts';
import type { Services } from '../services.ts';
import type { LiveSocket } from './upgrade.ts';

const MAX_BUFFERED_BYTES = 524_288;
const CATCH_UP_CHECK_MS = 100;

interface Viewer extends LiveSocket {
  agentId: string;
  session: AgentSession | null;
  unwatch: (() => void) | null;
  waiting: Uint8Array[];
  flushing: boolean;
  tookSeat: boolean;
}

export function createTerminalGateway(
  services: Services,
  onError: (error: unknown) => void,
): { connect(agentId: string, live: LiveSocket): void; close(): void } {
  const { store, bus, agents } = services;
  const viewers = new Set<Viewer>();
  /** Who holds each seat, kept fresh by events, so that a keystroke costs no query. */
  const seats = new Map<string, string | null>();

  const unsubscribe = bus.subscribe(
    (notice) => {
      if (notice.channel !== 'events' || !notice.key.startsWith('agent:')) return;
      const agentId = notice.key.slice('agent:'.length);
      if (viewersOf(agentId).length > 0) void refresh(agentId).catch(onError);
    },
    () =>
      new Set([...viewers].map((viewer) => viewer.agentId)).forEach((agentId) => void refresh(agentId).catch(onError)),
  );

  async function refresh(agentId: string): Promise<void> {
    const agent = await store.agents.get(agentId);
    const by = agent?.seat?.by ?? null;
    const changed = seats.get(agentId) !== by;
    seats.set(agentId, by);
    for (const viewer of viewersOf(agentId)) {
      if (viewer.session !== agents.terminal(agentId)) attach(viewer);
      if (changed) tellSeat(viewer);
    }
  }

  /** Begins again with the session that the agent has now, if any. */
  function attach(viewer: Viewer): void {
    viewer.unwatch?.();
    viewer.unwatch = null;
    viewer.waiting = [];
    viewer.session = agents.terminal(viewer.agentId);
    if (!viewer.session) return send(viewer.socket, { type: 'ended', reason: 'the agent does not run' });
    viewer.unwatch = viewer.session.watch((event) => show(viewer, event));
  }

  function show(viewer: Viewer, event: TerminalEvent): void {
    if (viewer.socket.readyState !== 1) return;
    if (event.type === 'resize') return send(viewer.socket, { type: 'resize', ...event.size });
    if (viewer.socket.bufferedAmount > MAX_BUFFERED_BYTES) return letCatchUp(viewer);
    if (event.type === 'repaint') {
      flush(viewer);
      send(viewer.socket, { type: 'resize', ...event.size });
      send(viewer.socket, { type: 'repaint' });
      viewer.socket.send(event.data, { binary: true });
      return;
    }
    viewer.waiting.push(event.data);
    if (viewer.flushing) return;
    viewer.flushing = true;
    setImmediate(() => {
      viewer.flushing = false;
      flush(viewer);
    });
  }

  function flush(viewer: Viewer): void {
    if (viewer.waiting.length === 0) return;
    const [only] = viewer.waiting;
    viewer.socket.send(viewer.waiting.length === 1 && only ? only : Buffer.concat(viewer.waiting), { binary: true });
    viewer.waiting = [];
  }

  function letCatchUp(viewer: Viewer): void {
    viewer.unwatch?.();
    viewer.unwatch = null;
    viewer.waiting = [];
    const timer = setInterval(() => {
      if (viewer.socket.readyState === 1 && viewer.socket.bufferedAmount > MAX_BUFFERED_BYTES / 4) return;
      clearInterval(timer);
      if (viewer.socket.readyState !== 1) return;
      send(viewer.socket, { type: 'gap', reason: 'the connection was slower than the terminal' });
      attach(viewer);
    }, CATCH_UP_CHECK_MS);
  }

  async function onMessage(viewer: Viewer, raw: RawData, isBinary: boolean): Promise<void> {
    const { principal, socket, agentId } = viewer;
    // Also for a keystroke: nothing that comes after a right was lost may act.
    if (!(await viewer.allowed())) return;
    if (!may(principal, 'operate'))
      return send(socket, { type: 'error', code: 'FORBIDDEN', detail: 'Your role may watch, not type.' });
    if (isBinary) return type(viewer, Buffer.isBuffer(raw) ? raw : Buffer.concat([raw].flat() as Buffer[]));
    const frame = parseFrame(raw.toString());
    if (!frame?.success)
      return send(socket, {
        type: 'error',
        code: 'INVALID_REQUEST',
        detail: frame?.error.issues[0]?.message ?? 'Send JSON text frames as documented.',
      });
    if (frame.data.type === 'resize') {
      if (seats.get(agentId) !== principal.name)
        return send(socket, { type: 'error', code: 'SEAT_REQUIRED', detail: 'Take the seat to change the size.' });
      await viewer.session?.resize({ cols: frame.data.cols, rows: frame.data.rows });
    } else if (frame.data.action === 'take') {
      const outcome = await takeSeat(services, agentId, principal.name, frame.data.force ?? false).catch(
        (error: unknown) => error,
      );
      if (isPointsmanError(outcome))
        return send(socket, { type: 'error', code: outcome.code, detail: outcome.message });
      viewer.tookSeat = true;
      await refresh(agentId);
      tellSeat(viewer);
    } else {
      viewer.tookSeat = false;
      await giveSeat(services, agentId, principal.name);
      await refresh(agentId);
    }
  }

  async function type(viewer: Viewer, bytes: Buffer): Promise<void> {
    const { principal, socket, agentId, session } = viewer;
    if (seats.get(agentId) !== principal.name)
      return send(socket, { type: 'error', code: 'SEAT_REQUIRED', detail: 'Take the seat, then type.' });
    if (!session) return send(socket, { type: 'error', code: 'AGENT_NOT_RUNNING', detail: 'The agent does not run.' });
    await session.keys(bytes);
  }

  function tellSeat(viewer: Viewer): void {
    const by = seats.get(viewer.agentId) ?? null;
    send(viewer.socket, {
      type: 'seat',
      by,
      yours: by === viewer.principal.name,
      observers: viewersOf(viewer.agentId).length,
    });
  }

  function leave(viewer: Viewer): void {
    viewers.delete(viewer);
    viewer.unwatch?.();
    const others = viewersOf(viewer.agentId);
    others.forEach(tellSeat);
    // A seat that was taken here is given up with the last window of its holder.
    if (!viewer.tookSeat) return;
    const sibling = others.find((other) => other.principal.name === viewer.principal.name);
    if (sibling) sibling.tookSeat = true;
    else void giveSeat(services, viewer.agentId, viewer.principal.name).catch(onError);
  }

  function viewersOf(agentId: string): Viewer[] {
    return [...viewers].filter((viewer) => viewer.agentId === agentId);
  }

  return {
    connect(agentId, live) {
      const viewer: Viewer = {
        ...live,
        agentId,
        session: null,
        unwatch: null,
        waiting: [],
        flushing: false,
        tookSeat: false,
      };
      let turn: Promise<void> = Promise.resolve();
      live.socket.on('message', (raw, isBinary) => {
        turn = turn.then(() => onMessage(viewer, raw, isBinary)).catch(onError);
      });
      live.socket.on('close', () => leave(viewer));
      viewers.add(viewer);
      void (async () => {
        const agent = await store.agents.get(agentId);
        if (!agent) {
          send(live.socket, { type: 'error', code: 'AGENT_NOT_FOUND', detail: 'There is no such agent.' });
          return live.socket.close(4404, 'no such agent');
        }
        seats.set(agentId, agent.seat?.by ?? null);
        viewersOf(agentId).forEach(tellSeat);
        attach(viewer);
      })().catch(onError);
    },
    close() {
      unsubscribe();
      for (const viewer of viewers) viewer.unwatch?.();
    },
  };
}

function parseFrame(text: string) {
  try {
    return TerminalClientFrame.safeParse(JSON.parse(text));
  } catch {
    return null;
  }
}

function send(socket: WebSocket, frame: TerminalServerFrame): void {
  if (socket.readyState === 1) socket.send(JSON.stringify(frame));
}
