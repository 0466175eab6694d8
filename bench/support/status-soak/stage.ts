/**
 * One agent of a whole Pointsman, and what a scene may do with it: give it prompts, act upon it, and state what is true
 * now. Each statement is compared with everything that was announced since the one before.
 */
import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Agent } from '../../../src/contract/agents.ts';
import type { InboxItem } from '../../../src/contract/inbox.ts';
import { FINISHED_TASK, type Task } from '../../../src/contract/tasks.ts';
import { tmuxSocketOf } from '../../../src/server/home.ts';
import { openItem, resolveItem } from '../../../test/support/inbox.ts';
import { type Answer, type Pointsman, until } from '../../../test/support/pointsman-process.ts';
import { type Announcements, followStatus } from './announcements.ts';
import type { Chance } from '../../../test/support/seeded-chance.ts';
import type { SoakedCli } from './soaked-clis.ts';
import type { Stub } from './stub.ts';

const TOLD_WITHIN_MS = 20_000;
/** A cold start of Gemini on a busy machine took more than 20 s. */
const STARTS_WITHIN_MS = 60_000;
const ENDS_WITHIN_MS = 30_000;
const BARE_EVENTS = 30;
/** A settled status is watched this long, so that one that is taken back is seen. */
const WATCHED_MS = { least: 150, most: 900 };

type Status = Agent['status'];

/** Milliseconds from the moment of truth to its announcement, by kind of transition. */
export interface Transition {
  kind: string;
  /** Null where the moment of truth is not known from outside, as that of a program that is ready. */
  ms: number | null;
}

/** What is announced is not what is true. */
export class Wrong extends Error {}

export interface Stage {
  readonly cli: SoakedCli;
  readonly chance: Chance;
  readonly stub: Stub;
  readonly transitions: Transition[];
  /** A mark that stands in no other prompt. */
  mark(): string;
  /** Gives the agent a prompt that carries this mark. */
  send(mark: string, prompt: string): Promise<Task>;
  /** The prompt was typed into the terminal instead: it is counted like one that was sent. */
  typed(mark: string): void;
  /** It is true since then that the agent is in this status, and everything announced meanwhile is one of `through`. */
  becomes(status: Status, options?: { since?: number; through?: readonly Status[]; withinMs?: number }): Promise<void>;
  /** It is and stays in this status; nothing but `through` was announced on the way. */
  remains(status: Status, options?: { through?: readonly Status[] }): Promise<void>;
  ends(task: Task, status: Task['status'], errorCode?: string): Promise<Task>;
  /** What the agent asks, once it is in the inbox. */
  asked(): Promise<InboxItem>;
  resolve(item: InboxItem, answer: object): Promise<number>;
  /** An act through the API; resolves to the moment it was taken. */
  act(verb: string): Promise<number>;
  request<T>(method: string, path: string, body?: unknown): Promise<Answer<T>>;
  agent(): Promise<Agent>;
  /** Keys as tmux names them, typed by a person in the terminal; resolves to the moment after. */
  keys(...keys: string[]): Promise<number>;
  screen(): Promise<string>;
  /** Ends the agent's program as a crash does. */
  killProgram(): Promise<number>;
  /** Ends the server as a crash does, does that, and starts it again. */
  killServer(meanwhile?: () => Promise<void> | void): Promise<void>;
  /** After a scene that failed: begins anew with whatever is announced then. */
  resume(): Promise<void>;
  /** Prompts given, and how often the agent took each. */
  prompts(): { sent: number; lost: string[]; doubled: string[] };
  /** Milliseconds from an act through the API, which changes nothing but a row, to its event: the least that is possible. */
  bareEvents(): Promise<number[]>;
  /** What a person needs to see of a failure. */
  evidence(): Promise<string>;
}

export async function openStage(options: {
  cli: SoakedCli;
  chance: Chance;
  stub: Stub;
  home: string;
  workspace: string;
  start: () => Promise<Pointsman>;
}): Promise<Stage & { close(): void }> {
  const { cli, chance, stub, home } = options;
  let server = await options.start();
  const created = await server.request<Agent>('POST', '/api/agents', {
    name: cli.name,
    kind: cli.kind,
    mode: cli.mode,
    autostart: true,
    workspace: { path: options.workspace },
    ...cli.agent(stub.url),
  });
  if (created.status !== 201) throw new Error(`the agent was not made: ${JSON.stringify(created.body)}`);
  const { id } = created.body;
  const announcements: Announcements = followStatus(id);
  await announcements.follow(server);
  await announcements.until(() => announcements.heard.at(-1)?.status === 'idle', STARTS_WITHIN_MS);
  let told = announcements.heard.length;
  let current: Status = announcements.heard.at(-1)?.status ?? 'no_signal';
  let marks = 0;
  const sent: string[] = [];
  const counted = { sent: 0, lost: [] as string[], doubled: [] as string[] };
  const transitions: Transition[] = [];
  const began = Date.now();

  const fresh = () => announcements.heard.slice(told);
  const wrong = (what: string): Wrong =>
    new Wrong(
      `${what}; announced since it was ${current}: ${
        fresh()
          .map((one) => `${one.status} at ${one.at - began} ms (${one.source}: ${one.reason})`)
          .join(', ') || 'nothing'
      }`,
    );

  const panePid = async (): Promise<number> => {
    const told = await tmux('list-panes', '-a', '-F', '#{pane_pid}');
    return Number(told.trim());
  };
  const tmux = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)('tmux', ['-S', tmuxSocketOf(home, id), ...args])).stdout;

  const stage: Stage = {
    cli,
    chance,
    stub,
    transitions,
    mark() {
      marks += 1;
      return `mark-${cli.name}-${marks}-`;
    },
    async send(mark, prompt) {
      sent.push(mark);
      const accepted = await server.request<Task>('POST', `/api/agents/${id}/tasks`, { prompt });
      if (accepted.status !== 202) throw new Error(`the prompt was not taken: ${JSON.stringify(accepted.body)}`);
      return accepted.body;
    },
    typed: (mark) => void sent.push(mark),
    async becomes(status, { since, through = [], ...options } = {}) {
      const before = current;
      const withinMs = options.withinMs ?? (before === 'starting' ? STARTS_WITHIN_MS : TOLD_WITHIN_MS);
      const decided = (): boolean => fresh().some((one) => one.status === status || !through.includes(one.status));
      await announcements.until(decided, withinMs);
      const found = fresh().find((one) => one.status === status || !through.includes(one.status));
      if (found?.status !== status) throw wrong(`expected ${before} to become ${status}`);
      told += fresh().indexOf(found) + 1;
      current = status;
      transitions.push({ kind: `${before} → ${status}`, ms: since === undefined ? null : found.at - since });
    },
    async remains(status, { through = [] } = {}) {
      const allowed = [...through, status];
      await announcements.until(
        () => (fresh().at(-1)?.status ?? current) === status || fresh().some((one) => !allowed.includes(one.status)),
        TOLD_WITHIN_MS,
      );
      await delay(chance.between(WATCHED_MS.least, WATCHED_MS.most));
      const last = fresh().at(-1)?.status ?? current;
      if (last !== status || fresh().some((one) => !allowed.includes(one.status)))
        throw wrong(`expected it to be ${status}`);
      if (fresh().length > 0) transitions.push({ kind: `${current} → … → ${status}`, ms: null });
      told = announcements.heard.length;
      current = status;
      const [row, explained] = await Promise.all([
        stage.agent(),
        server.request<{ status: string }>('GET', `/api/agents/${id}/explain`),
      ]);
      if (row.status !== status || explained.body.status !== status)
        throw wrong(`expected ${status}, GET says ${row.status}, explain says ${explained.body.status}`);
    },
    async ends(task, status, errorCode) {
      const found = await until(
        'the end of the task',
        async () => {
          const { body } = await server.request<Task>('GET', `/api/tasks/${task.id}`);
          return FINISHED_TASK.includes(body.status) ? body : null;
        },
        ENDS_WITHIN_MS,
      ).catch(() => null);
      if (!found) throw new Error(`the task did not end; it should be ${status}`);
      if (found.status !== status || (errorCode !== undefined && found.error?.code !== errorCode))
        throw new Error(
          `the task should be ${status} ${errorCode ?? ''}, and is ${found.status} ${JSON.stringify(found.error ?? found.result)}`,
        );
      return found;
    },
    asked: async () => openItem(server, (item) => item.agentId === id),
    async resolve(item, answer) {
      const taken = await resolveItem(server, item, answer);
      if (taken.status !== 200) throw new Error(`the answer was not taken: ${JSON.stringify(taken.body)}`);
      return Date.now();
    },
    async act(verb) {
      const at = Date.now();
      const done = await server.request('POST', `/api/agents/${id}/${verb}`);
      if (done.status >= 300) throw new Error(`${verb} was refused: ${JSON.stringify(done.body)}`);
      return at;
    },
    request: async (method, path, body) => server.request(method, path, body),
    agent: async () => (await server.request<Agent>('GET', `/api/agents/${id}`)).body,
    async keys(...keys) {
      await tmux('send-keys', ...keys);
      return Date.now();
    },
    async screen() {
      const { body } = await server.request<{ screen: string }>('GET', `/api/agents/${id}/screen`);
      return body.screen;
    },
    async killProgram() {
      const pid = await panePid();
      process.kill(pid, 'SIGKILL');
      return Date.now();
    },
    async killServer(meanwhile) {
      await server.kill('SIGKILL');
      await meanwhile?.();
      server = await options.start();
      await announcements.follow(server);
    },
    async resume() {
      const before = announcements.heard.length;
      const restarted = await server.request('POST', `/api/agents/${id}/restart?fresh=true`);
      if (restarted.status >= 300) throw new Error(`it cannot be restarted: ${JSON.stringify(restarted.body)}`);
      const isBack = (): boolean => {
        const since = announcements.heard.slice(before);
        return since.some((one) => one.status === 'starting') && since.at(-1)?.status === 'idle';
      };
      if (!(await announcements.until(isBack, STARTS_WITHIN_MS))) throw new Error('it does not come back');
      told = announcements.heard.length;
      current = 'idle';
      sent.splice(0);
    },
    prompts() {
      counted.sent += sent.length;
      for (const mark of sent.splice(0)) {
        const taken = stub.taken(mark);
        if (taken === 0) counted.lost.push(mark);
        if (taken > 1) counted.doubled.push(mark);
      }
      stub.forget();
      return counted;
    },
    async bareEvents() {
      const found: number[] = [];
      for (let round = 0; round < BARE_EVENTS; round += 1) {
        const heard = announcements.next();
        const began = Date.now();
        const changed = await server.request('PATCH', `/api/agents/${id}`, { role: `role ${round}` });
        if (changed.status !== 200) throw new Error(`the role was not changed: ${JSON.stringify(changed.body)}`);
        found.push((await heard) - began);
      }
      return found;
    },
    async evidence() {
      const [agent, explained, tasks] = await Promise.all([
        stage.agent(),
        server.request('GET', `/api/agents/${id}/explain`),
        server.request<Task[]>('GET', `/api/agents/${id}/tasks?limit=3`),
      ]);
      const shown = cli.mode === 'tmux' ? await stage.screen().catch(() => '') : '';
      return [
        `agent: ${agent.status} (${agent.statusSource}: ${agent.statusReason})`,
        `explain: ${JSON.stringify(explained.body)}`,
        `tasks: ${tasks.body.map((task) => JSON.stringify({ ...task, prompt: task.prompt.slice(0, 120) })).join('\n       ')}`,
        ...(shown ? [`screen:\n${shown.trimEnd().split('\n').slice(-18).join('\n')}`] : []),
      ].join('\n');
    },
  };
  return { ...stage, close: () => announcements.close() };
}
