/** Executions that are begun one after the other while something goes wrong, and how every one of them has to end. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Execution, FINISHED_EXECUTION } from '../../src/contract/executions.ts';
import { type Pointsman, until } from './pointsman-process.ts';

const STEPS = ['a', 'b', 'c'];
const AT_ONCE = 3;
/** Of a request that was refused, or that nobody answered. */
const AGAIN_AFTER_MS = 50;

export class Load {
  /** Those that somebody was told are begun. */
  readonly accepted: string[] = [];
  /** Answers other than 202, by their code. */
  readonly refused = new Map<string, number>();
  readonly #directory: string;
  #sent = 0;
  #stopped = false;

  /** `home`: where their commands leave a line each. */
  constructor(home: string) {
    this.#directory = path.join(home, 'load');
    mkdirSync(this.#directory);
  }

  /** Sends requests until it is stopped; resolves then. */
  async run(serverNow: () => Pointsman): Promise<void> {
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        while (!this.#stopped) await this.#begin(serverNow());
      }),
    );
  }

  stop(): void {
    this.#stopped = true;
  }

  async untilAccepted(count: number): Promise<void> {
    const wanted = this.accepted.length + count;
    await until(`${count} more executions`, async () => this.accepted.length >= wanted, 120_000);
  }

  async untilRefused(code: string): Promise<void> {
    await until(`the answer ${code}`, async () => this.refused.has(code), 60_000);
  }

  /** What is wrong once all have ended: one that was accepted is gone, did not succeed, or began a command twice or not at all. */
  async failures(server: Pointsman): Promise<string[]> {
    const failures: string[] = [];
    for (const id of this.accepted) {
      const { status } = await server.request('GET', `/api/executions/${id}`);
      if (status !== 200) failures.push(`${id} was accepted, and is answered with ${status}`);
    }
    const all = await until(
      'the end of all executions',
      async () => {
        const { body } = await server.request<Execution[]>('GET', '/api/executions?limit=200');
        return body.every(({ status }) => FINISHED_EXECUTION.includes(status)) ? body : null;
      },
      120_000,
    );
    for (const { id, name, status } of all) {
      const lines = this.#linesOf(name).join(' ');
      if (status !== 'succeeded' || lines !== STEPS.join(' '))
        failures.push(`${name} (${id}) ${status}, it ran: ${lines}`);
    }
    return failures;
  }

  async #begin(server: Pointsman): Promise<void> {
    this.#sent += 1;
    const name = `Load ${this.#sent}`;
    const workflow = {
      name,
      nodes: STEPS.map((id) => ({
        id,
        type: 'shell',
        config: {
          command: ['sh', '-c', 'echo "$WHAT" >> "$RAN"; sleep 0.1'],
          env: { WHAT: id, RAN: this.#file(name) },
        },
      })),
      edges: STEPS.slice(1).map((to, index) => ({ from: STEPS[index], to })),
    };
    const answer = await server.request('POST', '/api/workflow/execute', { workflow }).catch((error: unknown) => {
      // What fetch throws when nobody answers.
      if (error instanceof TypeError) return { status: 0, body: { code: 'NO_ANSWER' } };
      throw error;
    });
    if (answer.status === 202) return void this.accepted.push(answer.body.id as string);
    const code = String(answer.body.code ?? answer.status);
    this.refused.set(code, (this.refused.get(code) ?? 0) + 1);
    await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
  }

  #file(name: string): string {
    return path.join(this.#directory, name.replace(' ', '-'));
  }

  #linesOf(name: string): string[] {
    const file = this.#file(name);
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  }
}
