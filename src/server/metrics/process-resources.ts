/** What this process takes of its machine, and how much of that there is: processor, memory, disk, network. */
import { readFileSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import os from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { counter, type Family, gauge, type Sample } from './exposition.ts';

export class ProcessResources {
  readonly #delay = monitorEventLoopDelay({ resolution: 10 });
  readonly #open = new Set<Socket>();
  /** Of connections that are over. */
  readonly #past = { received: 0, sent: 0 };

  constructor() {
    this.#delay.enable();
  }

  /** Counts what goes through the connections of this server from now on, WebSockets among them. */
  watch(server: Pick<Server, 'on'>): void {
    server.on('connection', (socket) => {
      this.#open.add(socket);
      socket.once('close', () => {
        this.#open.delete(socket);
        this.#past.received += socket.bytesRead;
        this.#past.sent += socket.bytesWritten;
      });
    });
  }

  families(): Family[] {
    const { user, system } = process.cpuUsage();
    const { rss, heapUsed } = process.memoryUsage();
    const families: Family[] = [
      counter('process_cpu_seconds_total', 'CPU time of this process, user and system.', one((user + system) / 1e6)),
      gauge('process_resident_memory_bytes', 'Resident memory of this process.', one(rss)),
      counter('process_network_bytes_total', 'Bytes of HTTP and WebSocket connections of this process.', [
        { labels: { direction: 'received' }, value: this.#sum('received', ({ bytesRead }) => bytesRead) },
        { labels: { direction: 'sent' }, value: this.#sum('sent', ({ bytesWritten }) => bytesWritten) },
      ]),
      counter(
        'process_disk_bytes_total',
        'Bytes that this process had read from and written to disks; Linux only.',
        diskBytes(),
      ),
      gauge(
        'process_start_time_seconds',
        'When this process started, since the epoch.',
        one(Date.now() / 1000 - process.uptime()),
      ),
      gauge('nodejs_heap_size_used_bytes', 'Used heap of this process.', one(heapUsed)),
      gauge(
        'nodejs_eventloop_lag_p99_seconds',
        '99th percentile of the delay of the event loop since the last scrape.',
        one(seconds(this.#delay.percentile(99))),
      ),
      gauge(
        'nodejs_eventloop_lag_max_seconds',
        'Longest delay of the event loop since the last scrape.',
        one(seconds(this.#delay.max)),
      ),
      gauge('pointsman_machine_memory_bytes', 'Memory of the machine.', one(os.totalmem())),
      gauge('pointsman_machine_memory_available_bytes', 'Memory of the machine that is free.', one(os.freemem())),
      gauge(
        'pointsman_machine_load1',
        'Programs of the machine that ran or wanted to, over a minute.',
        one(os.loadavg()[0] ?? 0),
      ),
      gauge('pointsman_machine_cpus', 'Processors that this process may use.', one(os.availableParallelism())),
    ];
    this.#delay.reset();
    return families;
  }

  close(): void {
    this.#delay.disable();
  }

  #sum(direction: 'received' | 'sent', of: (socket: Socket) => number): number {
    return [...this.#open].reduce((sum, socket) => sum + of(socket), this.#past[direction]);
  }
}

/** Nothing where the system does not tell. */
function diskBytes(): Sample[] {
  let text: string;
  try {
    text = readFileSync('/proc/self/io', 'utf8');
  } catch {
    return [];
  }
  return [
    ['read', 'read_bytes'],
    ['written', 'write_bytes'],
  ].flatMap(([direction = '', field]) => {
    const value = new RegExp(`^${field}: (\\d+)$`, 'm').exec(text)?.[1];
    return value === undefined ? [] : [{ labels: { direction }, value: Number(value) }];
  });
}

function one(value: number): Sample[] {
  return [{ value }];
}

/** Of a histogram nobody has written to yet, the largest is not a number of anything. */
function seconds(nanoseconds: number): number {
  return Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds) / 1e9 : 0;
}
