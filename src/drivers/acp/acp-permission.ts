/** What an ACP agent asks before it acts: as a decision for a person, and the answer as the agent wants it. */
import type { DecisionAnswer, DecisionRequest } from '../../ports/agent-driver.ts';
import { type Json, objects, object, text } from '../json-row.ts';
import { type ToolCall, toolCallOf } from './acp-event.ts';

export interface AcpPermission {
  request: DecisionRequest;
  toolCall: ToolCall;
  answer(decision: DecisionAnswer): Json;
}

/** The names that people know the kinds of tools by; policies are written with them. */
const TOOL_OF_KIND: Readonly<Record<string, string>> = {
  execute: 'Bash',
  edit: 'Edit',
  delete: 'Delete',
  move: 'Move',
  read: 'Read',
  search: 'Search',
  fetch: 'Fetch',
};

/** `known` is what was told of the call before: a request may repeat only a part of it. */
export function permissionOf(params: Json, known: ToolCall | undefined, cwd: string): AcpPermission {
  const toolCall = { ...known, ...toolCallOf(object(params['toolCall'])) };
  const options = objects(params['options']);
  return {
    toolCall,
    request: {
      kind: 'permission',
      tool: toolName(toolCall),
      input: inputOf(toolCall),
      cwd,
      ...(toolCall.title ? { description: toolCall.title } : {}),
    },
    answer: ({ decision }) => {
      // “Always” is a rule of ours: the agent itself must ask again, or our rules would not be asked.
      const wanted = decision === 'allow' ? ['allow_once', 'allow_always'] : ['reject_once', 'reject_always'];
      const option = wanted.map((kind) => options.find((one) => one['kind'] === kind)).find(Boolean);
      return { outcome: option ? { outcome: 'selected', optionId: option['optionId'] } : CANCELLED.outcome };
    },
  };
}

/** What the protocol asks of a client that cancels: every request that waits is answered so. */
export const CANCELLED = { outcome: { outcome: 'cancelled' } } as const;

export function toolName({ kind, title }: ToolCall): string {
  return TOOL_OF_KIND[kind ?? ''] ?? (title || 'a tool');
}

/** The arguments as the agent gave them, or what it shows of them. */
export function inputOf({ rawInput, title, kind, content = [], locations = [] }: ToolCall): Json {
  const paths = locations.map((one) => text(one['path'])).filter(Boolean);
  const changes = content
    .filter((one) => one['type'] === 'diff')
    .map((one) => ({ path: text(one['path']), old: text(one['oldText']), new: text(one['newText']) }));
  return {
    ...rawInput,
    ...(kind === 'execute' && rawInput?.['command'] === undefined && title ? { command: title } : {}),
    ...(paths.length === 1 && rawInput?.['file_path'] === undefined ? { file_path: paths[0] } : {}),
    ...(paths.length > 1 ? { file_paths: paths } : {}),
    ...(changes.length > 0 ? { changes } : {}),
  };
}
