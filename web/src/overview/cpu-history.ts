/** The last few minutes of CPU of every agent: what the server has kept, then what comes live; pure but for its own map. */

export const HISTORY_SLOTS = 60;
/** However often it is measured: a point a second is more than a small line can show. */
const SLOT_MS = 1_000;

export interface CpuSample {
  id: string;
  cpu: number;
}

export class CpuHistory {
  readonly #values = new Map<string, number[]>();
  #slotBegan = -Infinity;

  /** Within a slot the highest value counts, so that a short peak is seen. */
  add(samples: readonly CpuSample[], nowMs: number): void {
    const fresh = nowMs - this.#slotBegan >= SLOT_MS;
    if (fresh) this.#slotBegan = nowMs;
    for (const { id, cpu } of samples) {
      let values = this.#values.get(id);
      if (!values) this.#values.set(id, (values = []));
      if (fresh || values.length === 0) {
        values.push(cpu);
        if (values.length > HISTORY_SLOTS) values.shift();
      } else values[values.length - 1] = Math.max(values.at(-1) ?? 0, cpu);
    }
  }

  /** What was before one looked; it knows better than whoever looked away meanwhile. */
  begin(loads: readonly { agentId: string; cpu: readonly number[] }[], nowMs: number): void {
    for (const { agentId, cpu } of loads) this.#values.set(agentId, cpu.slice(-HISTORY_SLOTS));
    this.#slotBegan = nowMs;
  }

  of(id: string): readonly number[] {
    return this.#values.get(id) ?? [];
  }

  /** Changes with every new point, so that a cell knows whether to draw. */
  get slot(): number {
    return this.#slotBegan;
  }
}
