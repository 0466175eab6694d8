/** Agents of kind shell in a Pointsman under test: made, given commands, waited for, looked at from outside. */
import { execFileSync } from 'node:child_process';
import { expect } from 'vitest';
import type { Agent, CreateAgent } from '../../src/contract/agents.ts';
import { FINISHED_TASK, type Task } from '../../src/contract/tasks.ts';
import { tmuxSocketOf } from '../../src/server/home.ts';
import { type Pointsman, until } from './pointsman-process.ts';

/** All that is needed of a Pointsman to speak to it. */
interface Api {
  request(method: string, address: string, body?: unknown): Promise<{ status: number; body: any }>;
}

/** Created and at its prompt. */
export async function shellAgent(
  server: Pointsman,
  name: string,
  options: Partial<CreateAgent> & { workspace: { path: string } },
): Promise<Agent> {
  const created = await server.request('POST', '/api/agents', { name, kind: 'shell', autostart: true, ...options });
  expect(created.status, JSON.stringify(created.body)).toBe(201);
  return untilAgent(server, created.body.id, 'idle');
}

export async function untilAgent(server: Api, id: string, status: Agent['status'], withinMs?: number): Promise<Agent> {
  let seen: Agent | undefined;
  const find = async () => {
    const agent: Agent = (await server.request('GET', `/api/agents/${id}`)).body;
    seen = agent;
    return agent.status === status ? agent : null;
  };
  return until(`the agent to be ${status}`, find, withinMs).catch((error: unknown) =>
    Promise.reject(new Error(`${String(error)}; it is ${JSON.stringify(seen)}`)),
  );
}

export async function giveTask(server: Api, agentId: string, prompt: string, options: object = {}): Promise<Task> {
  const accepted = await server.request('POST', `/api/agents/${agentId}/tasks`, { prompt, ...options });
  expect(accepted.status, JSON.stringify(accepted.body)).toBe(202);
  return accepted.body;
}

export async function finishedTask(server: Api, id: string): Promise<Task> {
  return untilTask(server, id, (task) => FINISHED_TASK.includes(task.status));
}

export async function untilTask(server: Api, id: string, fits: (task: Task) => boolean): Promise<Task> {
  let seen: Task | undefined;
  const find = async () => {
    const task: Task = (await server.request('GET', `/api/tasks/${id}`)).body;
    seen = task;
    return fits(task) ? task : null;
  };
  return until('the task', find).catch((error: unknown) =>
    Promise.reject(new Error(`${String(error)}; it is ${JSON.stringify(seen).slice(0, 2000)}`)),
  );
}

export async function runCommand(
  server: Pointsman,
  agentId: string,
  prompt: string,
  options: object = {},
): Promise<Task> {
  return finishedTask(server, (await giveTask(server, agentId, prompt, options)).id);
}

/** Process ids of an agent's tmux server and of the program in its pane, from tmux itself. */
export function processesOf(home: string, agentId: string): { tmux: number; pane: number } {
  const told = execFileSync(
    'tmux',
    ['-S', tmuxSocketOf(home, agentId), 'list-panes', '-a', '-F', '#{pid} #{pane_pid}'],
    { encoding: 'utf8' },
  );
  const [tmux = Number.NaN, pane = Number.NaN] = told.trim().split(' ').map(Number);
  return { tmux, pane };
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
