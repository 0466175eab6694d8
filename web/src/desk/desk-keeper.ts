/**
 * Keeps a person's desks on the server: what is changed here is saved at once, and what another tab has saved meanwhile
 * is brought together with it. A desk that both have changed is never overwritten without asking.
 */
import { messageOf } from '../api/api-error.ts';
import { type Desk, mergeDesks, readDesks, storedForm } from './stored-desks.ts';

export interface DeskTransport {
  load: () => Promise<{ value: unknown; version: number }>;
  /** Null when another version is there than the one it was changed from. */
  save: (value: unknown, version: number) => Promise<{ version: number } | null>;
}

export interface DeskState {
  /** Null until they are there. */
  desks: readonly Desk[] | null;
  /** What could not be read. */
  lost: readonly string[];
  /** Why nothing is there, or why nothing is kept. */
  problem: string | null;
  /** Desks that were changed here and elsewhere: nothing is saved until somebody has said which to keep. */
  both: readonly string[];
}

const SIZES_WAIT_MS = 400; // while a border is dragged
const LOADING: DeskState = { desks: null, lost: [], problem: null, both: [] };

export class DeskKeeper {
  readonly #transport: DeskTransport;
  readonly #listeners = new Set<() => void>();
  #state = LOADING;
  /** As the server has them. */
  #kept: { desks: readonly Desk[]; version: number } = { desks: [], version: 0 };
  #theirs: { desks: readonly Desk[]; version: number } | null = null;
  #working: Promise<void> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(transport: DeskTransport) {
    this.#transport = transport;
  }

  readonly state = (): DeskState => this.#state;
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Reads them, or reads again what another tab may have changed. What is not saved yet stays. */
  async refresh(): Promise<void> {
    if (this.#working || this.#isDirty() || this.#theirs) return;
    try {
      const { value, version } = await this.#transport.load();
      // A change came in between: saving it finds out by itself.
      if (this.#isDirty() || (this.#state.desks && version === this.#kept.version)) return;
      const { desks, lost } = readDesks(value);
      this.#kept = { desks, version };
      this.#tell({ desks, lost, problem: null, both: [] });
    } catch (error) {
      if (!this.#state.desks) this.#tell({ ...this.#state, problem: messageOf(error) });
    }
  }

  /** `calm`: only how large something is; many of these come one after the other. */
  change(desks: readonly Desk[], { calm = false }: { calm?: boolean } = {}): void {
    this.#tell({ ...this.#state, desks, lost: [] });
    clearTimeout(this.#timer);
    if (calm) this.#timer = setTimeout(() => void this.save(), SIZES_WAIT_MS);
    else void this.save();
  }

  /** One request at a time; what was changed while it ran goes with the next. */
  save(): Promise<void> {
    clearTimeout(this.#timer);
    this.#working ??= this.#saveAll().finally(() => (this.#working = null));
    return this.#working;
  }

  /** Which of the two is kept, where the same desk was changed here and elsewhere. */
  settle(whose: 'mine' | 'theirs'): void {
    const theirs = this.#theirs;
    if (!theirs) return;
    this.#theirs = null;
    const { desks } = mergeDesks(this.#kept.desks, this.#state.desks ?? [], theirs.desks);
    this.#kept = theirs;
    this.#tell({ ...this.#state, desks: whose === 'mine' ? desks : theirs.desks, both: [] });
    void this.save();
  }

  async #saveAll(): Promise<void> {
    while (this.#isDirty() && !this.#theirs) {
      const sent = this.#state.desks ?? [];
      try {
        const saved = await this.#transport.save(storedForm(sent), this.#kept.version);
        if (saved) this.#kept = { desks: sent, version: saved.version };
        else await this.#bringTogether();
        if (this.#state.problem !== null) this.#tell({ ...this.#state, problem: null });
      } catch (error) {
        this.#tell({ ...this.#state, problem: messageOf(error) });
        return;
      }
    }
  }

  async #bringTogether(): Promise<void> {
    const { value, version } = await this.#transport.load();
    const theirs = { desks: readDesks(value).desks, version };
    const { desks, both } = mergeDesks(this.#kept.desks, this.#state.desks ?? [], theirs.desks);
    if (both.length > 0) {
      this.#theirs = theirs;
      this.#tell({ ...this.#state, both });
      return;
    }
    this.#kept = theirs;
    this.#tell({ ...this.#state, desks });
  }

  #isDirty(): boolean {
    return this.#state.desks !== null && JSON.stringify(this.#state.desks) !== JSON.stringify(this.#kept.desks);
  }

  #tell(state: DeskState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
