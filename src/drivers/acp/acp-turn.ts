/** The one prompt that an ACP agent is on, as far as its stream has told. */
import type { RpcError, ToolCall } from './acp-event.ts';

export interface Turn {
  taskId: string;
  /** `sent` until something proves that the agent has read the prompt. */
  state: 'sent' | 'started';
  typed: boolean;
  /** Every tool call of it, with all that was told. */
  calls: Map<string, ToolCall>;
  /** The words since its last tool call: its final text, once it is over. */
  lastText: string;
  interrupted: boolean;
  /** What it asked was withdrawn: whatever it says then is not the end that was wanted. */
  withdrawn: boolean;
  silent: boolean;
  /** What went wrong with its model last, as the program's log said. */
  trouble: RpcError | null;
}

export function newTurn(taskId: string): Turn {
  return {
    taskId,
    state: 'sent',
    typed: false,
    calls: new Map(),
    lastText: '',
    interrupted: false,
    withdrawn: false,
    silent: false,
    trouble: null,
  };
}

/** While a tool runs it is not the model that we wait for. */
export function runsTool(turn: Turn): boolean {
  return [...turn.calls.values()].some(({ status }) => status === 'in_progress');
}

export function takeCall(turn: Turn, call: ToolCall): void {
  turn.calls.set(call.id, { ...turn.calls.get(call.id), ...call });
  turn.lastText = '';
}
