/**
 * How one agent CLI is launched, prompted, observed, answered and resumed.
 * A driver acts only through the session and the directory it is given, and decides no policy.
 */
import type { AgentSession, EndingCommand, RunningProgram, SessionSpec } from './agent-host.ts';
import type { TranscriptPage, TranscriptRange } from './transcript.ts';

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
  | { type: 'task_finished'; taskId: string; at: string; outcome: TaskOutcome }
  /** The CLI waits for a decision. Told again after every connect for as long as it waits. */
  | { type: 'decision_requested'; requestId: string; at: string; request: DecisionRequest }
  /** It waits no more: somebody answered in the terminal, or the turn ended. */
  | { type: 'decision_settled'; requestId: string; at: string; reason: string }
  /**
   * What a conversation has used from its first word until now, so that telling it twice counts once; the growth belongs
   * to `taskId` when one is running.
   */
  | { type: 'usage'; at: string; taskId: string | null; conversation: string; total: UsageTotal };

export interface UsageTotal {
  /** Everything the model read, cached or not. */
  inputTokens: number;
  outputTokens: number;
  /** US dollars, by the CLI's own price list. */
  cost: number;
}

export type DecisionRequest =
  | {
      kind: 'permission';
      /** The CLI's own name of the tool, e.g. `Bash`. */
      tool: string;
      input: Record<string, unknown>;
      /** Where it would happen, when the CLI says so. */
      cwd?: string;
      description?: string;
    }
  | { kind: 'question'; questions: readonly AskedQuestion[] };

export interface AskedQuestion {
  question: string;
  header?: string;
  options: readonly { label: string; description?: string }[];
  multiple: boolean;
}

export type DecisionAnswer =
  | { decision: 'allow' }
  | { decision: 'deny'; reason: string }
  /** By the text of the question. */
  | { decision: 'answer'; answers: Readonly<Record<string, string>> };

export type AnswerOutcome =
  | { outcome: 'answered' }
  /** Somebody else was first, or the turn is over. */
  | { outcome: 'gone'; reason: string };

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
  model?: string;
  /** What the agent may do without asking; `manual` when nobody chose. */
  permissionMode: 'manual' | 'acceptEdits' | 'plan' | 'dontAsk' | 'auto' | 'bypassPermissions';
  /** Standing instructions of the agent, added to what its CLI tells the model. */
  instructions?: string;
  /** Tools of the CLI itself that the model is given, where the CLI can be told: only these, and without those. */
  cliTools?: { only?: readonly string[]; without: readonly string[] };
  /** Begin a new conversation instead of resuming the last one. */
  fresh?: boolean;
  /** Where the agent's tools find us (MCP over HTTP), with the token that names this agent. */
  tools?: { url: string; token: string };
}

export type LaunchPlan =
  | ({ outcome: 'ready' } & Pick<SessionSpec, 'argv' | 'cwd' | 'env'>)
  /** The CLI is missing, too old or not signed in; `reason` says what to do. */
  | { outcome: 'unusable'; status: 'auth_failed' | 'crashed'; reason: string };

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
  | {
      outcome: 'finished';
      taskOutcome: TaskOutcome;
      at: string;
      /** What its conversation had used by then, so that it can be booked on the task before it ends. */
      usage?: { conversation: string; total: UsageTotal };
    }
  | { outcome: 'unknown'; reason: string };

/** A file of a working directory that a CLI acts on by itself. */
export interface WorkspaceSetting {
  /** Relative to the directory. */
  path: string;
  content: string;
}

/** The command line that a driver drives, as people install it. */
export interface AgentCli {
  /** As its vendor writes it. */
  name: string;
  program: string;
  /** The oldest version whose behaviour was measured; an older one may ask, print or lack something else. */
  measured: string;
  /** The command that installs and updates it. */
  install: string;
}

export interface AgentDriver {
  readonly kind: string;
  readonly mode: 'tmux' | 'headless';
  /** None where it can be any program. */
  readonly cli?: AgentCli;
  /** Whether one session can do each task in another directory, or lives in the one it was started in. */
  readonly directories: 'per_task' | 'per_session';
  /** Variables by which this CLI is signed in; an agent without its own gets those of the server. */
  readonly credentials: readonly string[];
  /** Gives its CLI the tools of `LaunchContext.tools`. */
  readonly usesTools?: true;
  /** What this CLI would act on by itself in that directory; a person must trust it before the first launch there. */
  workspaceSettings(directory: string): Promise<WorkspaceSetting[]>;
  /** Writes what the CLI needs into the agent's directory and says how to launch it. */
  launch(context: LaunchContext): Promise<LaunchPlan>;
  /** What its CLI has recorded of every conversation of the agent; a driver without it has no record but the tasks. */
  transcript?(agent: Pick<LaunchContext, 'directory'>, range: TranscriptRange): Promise<TranscriptPage>;
  /** Starts observing a live session, fresh or re-adopted; of a re-adopted one it tells the status before it resolves. */
  connect(options: {
    session: AgentSession;
    context: LaunchContext;
    observe: (observation: Observation) => void;
  }): Promise<AgentConnection>;
  /** How sessions of this CLI that a person started are found and taken in; none where they cannot be. */
  readonly adoption?: Adoption;
}

/** What a session of a CLI says of itself in its own files. */
export interface FoundSession {
  conversation: string;
  /** Where it works. */
  directory: string;
  since: string;
  /** The first words for people, such as the name it shows. */
  title?: string;
  endWith?: EndingCommand;
  /** What it has started serves other sessions too: only it itself may be ended, and at rest. */
  endAlone?: true;
  /** How the agent has to be set up so that its next launch goes on with the same program and sign-in. */
  setUp: { command?: string[]; env: Record<string, string>; model?: string };
}

export interface Adoption {
  /** Null when it is no session of this CLI, or cannot be told from another of `all`. Reads files only. */
  recognise(program: RunningProgram, all: readonly RunningProgram[]): Promise<FoundSession | null>;
  /** Notes in the agent's own directory what its next launch resumes, and where that conversation lies. */
  takeIn(options: { program: RunningProgram; found: FoundSession; directory: string }): Promise<void>;
  /** Observes it from outside. It takes no tasks: nothing that is typed into it can be proved. */
  observe(options: {
    session: AgentSession;
    context: LaunchContext;
    observe: (observation: Observation) => void;
  }): Promise<AgentConnection>;
}

export interface AgentConnection {
  /** `directory`: where this one task works instead of where the session lives; only given to drivers that can. */
  deliver(task: { id: string; prompt: string; directory?: string }): Promise<DeliverOutcome>;
  /** Asks the running turn to stop; the task then ends as `cancelled`. Harder means follow after the grace time. */
  interrupt(options?: { graceMs?: number }): Promise<void>;
  /** Answers a decision that the CLI waits for. */
  answer(requestId: string, answer: DecisionAnswer): Promise<AnswerOutcome>;
  /** After a restart: what became of this task. `not_started` promises that it never will unless delivered again. */
  recover(task: { id: string; prompt: string }): Promise<RecoverOutcome>;
  close(): void;
}
