/**
 * How one agent CLI is launched, prompted, observed, answered and resumed.
 * A driver acts only through the session it is given; it stores nothing and decides no policy.
 */
import type { AgentSession, SessionSpec } from './agent-host.ts';

export type ObservedStatus =
  | 'starting'
  | 'idle'
  | 'working'
  | 'waiting_input'
  | 'blocked'
  | 'rate_limited'
  | 'auth_failed'
  | 'no_signal';

/** A fact with its source; ranking and fusing them is domain's work. */
export type Observation =
  | {
      type: 'status';
      status: ObservedStatus;
      source: 'process' | 'protocol' | 'hook' | 'session_file' | 'screen';
      reason: string;
      at: string;
    }
  | { type: 'receipt'; taskId: string; receipt: 'typedAt' | 'submittedAt' | 'turnStartedAt' | 'finishedAt'; at: string }
  | { type: 'task_finished'; taskId: string; at: string; outcome: TaskOutcome };

export type TaskOutcome =
  | { status: 'succeeded'; result: TaskResultText }
  | { status: 'failed'; result?: TaskResultText; error: { code: string; message: string } }
  | { status: 'cancelled'; result?: TaskResultText };

export interface TaskResultText {
  text: string;
  data?: unknown;
  exitCode?: number;
}

export interface LaunchContext {
  agentId: string;
  name: string;
  /** The agent's own directory, 0700: rc files, run records, recordings. Survives restarts. */
  directory: string;
  workspace: string;
  command?: readonly string[];
  env: Readonly<Record<string, string>>;
}

export type DeliverOutcome =
  | { outcome: 'submitted' }
  /** Nothing of the prompt reached the agent. */
  | { outcome: 'refused'; code: string; reason: string }
  /** It may have: nobody may send it again. */
  | { outcome: 'unknown'; reason: string };

/** What the records say of a task whose server died in the middle. */
export type RecoverOutcome =
  | { outcome: 'not_started' }
  | { outcome: 'running' }
  | { outcome: 'finished'; taskOutcome: TaskOutcome; at: string }
  | { outcome: 'unknown'; reason: string };

export interface AgentDriver {
  readonly kind: string;
  /** Writes what the CLI needs into the agent's directory and says how to launch it. */
  launch(context: LaunchContext): Promise<Pick<SessionSpec, 'argv' | 'cwd' | 'env'>>;
  /** Starts observing a live session, fresh or re-adopted. */
  connect(options: {
    session: AgentSession;
    context: LaunchContext;
    observe: (observation: Observation) => void;
  }): Promise<AgentConnection>;
}

export interface AgentConnection {
  /** `directory`: where this one task works instead of where the agent lives. A driver that cannot do that refuses. */
  deliver(task: { id: string; prompt: string; directory?: string }): Promise<DeliverOutcome>;
  /** Asks the running turn to stop; the task then ends as `cancelled`. Harder means follow after the grace time. */
  interrupt(options?: { graceMs?: number }): Promise<void>;
  /** After a restart: what became of this task. `not_started` promises that it never will unless delivered again. */
  recover(task: { id: string; prompt: string }): Promise<RecoverOutcome>;
  close(): void;
}
