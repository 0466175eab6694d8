/** The one prompt that an ACP agent is on, as far as its stream has told. */
import { newTurn, type Turn } from '../turn-ledger.ts';
import type { RpcError, ToolCall } from './acp-event.ts';

export interface AcpTurn extends Turn {
  /** Every tool call of it, with all that was told. */
  calls: Map<string, ToolCall>;
  /** The words since its last tool call: its final text, once it is over. */
  lastText: string;
  /** What it asked was withdrawn: whatever it says then is not the end that was wanted. */
  withdrawn: boolean;
  silent: boolean;
  /** What went wrong with its model last, as the program's log said. */
  trouble: RpcError | null;
}

export function newAcpTurn(taskId: string): AcpTurn {
  return { ...newTurn(taskId), calls: new Map(), lastText: '', withdrawn: false, silent: false, trouble: null };
}

/** While a tool runs it is not the model that we wait for. */
export function runsTool(turn: AcpTurn): boolean {
  return [...turn.calls.values()].some(({ status }) => status === 'in_progress');
}

export function takeCall(turn: AcpTurn, call: ToolCall): void {
  turn.calls.set(call.id, { ...turn.calls.get(call.id), ...call });
  turn.lastText = '';
}
