/** What this process did since its start: requests, visits, tasks, sockets; and what it takes. */
import { TaskStatus } from '../../contract/tasks.ts';
import type { Meter } from '../../ports/meter.ts';
import type { Family } from './exposition.ts';
import { ProcessResources } from './process-resources.ts';
import { Counter, Histogram } from './series.ts';

const REQUEST_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** From a transform to an agent's hour. */
const STEP_BOUNDS = [0.05, 0.25, 1, 5, 15, 60, 300, 900, 3_600];
const ENDS = ['succeeded', 'failed', 'cancelled'];
const STEP_ENDS = [...ENDS, 'skipped', 'unknown'];
const TASK_ENDS = TaskStatus.options.filter(
  (status) => !['queued', 'delivering', 'running', 'blocked'].includes(status),
);
/** Whoever asked for something within it is active. */
const ACTIVE_WITHIN_MS = 300_000;

const ENDPOINTS = ['updates', 'terminal'] as const;

export class ProcessMeter implements Meter {
  readonly #requests = new Histogram(
    { name: 'http_server_request_duration_seconds', help: 'Duration of HTTP requests by route template.' },
    REQUEST_BOUNDS,
  );
  readonly #started = new Counter(
    { name: 'pointsman_executions_started_total', help: 'Executions that this process began to advance.' },
    [{}],
  );
  readonly #finished = new Counter(
    { name: 'pointsman_executions_finished_total', help: 'Executions that ended in this process, by result.' },
    ENDS.map((result) => ({ result })),
  );
  readonly #steps = new Counter(
    { name: 'pointsman_steps_finished_total', help: 'Steps (attempts) that ended in this process, by result.' },
    STEP_ENDS.map((result) => ({ result })),
  );
  readonly #stepSeconds = new Histogram(
    { name: 'pointsman_step_duration_seconds', help: 'From the start of a step to its end, by result.' },
    STEP_BOUNDS,
  );
  readonly #tasks = new Counter(
    { name: 'pointsman_tasks_finished_total', help: 'Tasks of agents that ended in this process, by result.' },
    TASK_ENDS.map((result) => ({ result })),
  );
  readonly #resources = new ProcessResources();
  /** When each principal was last heard of, in milliseconds. */
  readonly #heard = new Map<string, number>();
  readonly #sockets: { endpoint: (typeof ENDPOINTS)[number]; principalId: string }[] = [];
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  answered(request: {
    method: string;
    route: string;
    status: number;
    seconds: number;
    principalId: string | null;
  }): void {
    const { method, route, status, seconds, principalId } = request;
    this.#requests.observe(
      { http_request_method: method, http_route: route, http_response_status_code: String(status) },
      seconds,
    );
    if (principalId !== null) this.#heard.set(principalId, this.#now());
  }

  /** Counts the bytes of its connections. */
  watch(server: Parameters<ProcessResources['watch']>[0]): void {
    this.#resources.watch(server);
  }

  /** Returns what tells of its end. */
  connected(endpoint: (typeof ENDPOINTS)[number], principalId: string): () => void {
    const entry = { endpoint, principalId };
    this.#sockets.push(entry);
    return () => {
      const at = this.#sockets.indexOf(entry);
      if (at !== -1) this.#sockets.splice(at, 1);
      this.#heard.set(principalId, this.#now());
    };
  }

  visited({ before, after, steps }: Parameters<Meter['visited']>[0]): void {
    if (before.startedAt === null) this.#started.add({});
    if (before.finishedAt === null && after.finishedAt !== null) this.#finished.add({ result: after.status });
    for (const { status, startedAt, finishedAt } of steps) {
      if (!finishedAt) continue;
      this.#steps.add({ result: status });
      if (startedAt)
        this.#stepSeconds.observe({ result: status }, (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000);
    }
  }

  taskEnded(status: TaskStatus): void {
    this.#tasks.add({ result: status });
  }

  families(): Family[] {
    return [
      this.#requests.family(),
      {
        name: 'pointsman_websocket_clients',
        help: 'Open WebSockets of this process.',
        type: 'gauge',
        samples: ENDPOINTS.map((endpoint) => ({
          labels: { endpoint },
          value: this.#sockets.filter((socket) => socket.endpoint === endpoint).length,
        })),
      },
      {
        name: 'pointsman_active_users',
        help: 'People and tokens with an open WebSocket, or a request in the last five minutes, in this process.',
        type: 'gauge',
        samples: [{ value: this.#active() }],
      },
      this.#started.family(),
      this.#finished.family(),
      this.#steps.family(),
      this.#stepSeconds.family(),
      this.#tasks.family(),
      ...this.#resources.families(),
    ];
  }

  close(): void {
    this.#resources.close();
  }

  #active(): number {
    const since = this.#now() - ACTIVE_WITHIN_MS;
    for (const [id, at] of this.#heard) if (at < since) this.#heard.delete(id);
    return new Set([...this.#heard.keys(), ...this.#sockets.map(({ principalId }) => principalId)]).size;
  }
}
