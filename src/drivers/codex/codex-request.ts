/** What Codex asks before it goes on: as a decision for a person, and the person's answer as Codex wants it. */
import type { AskedQuestion, DecisionAnswer, DecisionRequest } from '../../ports/agent-driver.ts';
import { isObject, type Json, list, objectIn, text } from '../json-row.ts';
import { type CodexItem } from './codex-event.ts';
import { commandText } from './command-text.ts';

export interface CodexRequest {
  request: DecisionRequest;
  /** The result that Codex waits for. */
  answer(decision: DecisionAnswer): object;
}

/** Null for a request that no person can answer. `itemOf` knows the items of the running turn. */
export function codexRequest(
  method: string,
  params: Json,
  itemOf: (id: string) => CodexItem | undefined,
): CodexRequest | null {
  switch (method) {
    case 'item/commandExecution/requestApproval':
      return { request: commandRequest(params), answer: approval };
    case 'item/fileChange/requestApproval':
      return { request: changeRequest(params, itemOf(text(params['itemId']))), answer: approval };
    case 'item/permissions/requestApproval':
      return {
        request: permission('Permissions', { ...objectIn(params, 'permissions') }, params),
        answer: (decision) => ({
          permissions: decision.decision === 'allow' ? withoutNull(objectIn(params, 'permissions')) : {},
          scope: 'turn',
        }),
      };
    case 'item/tool/requestUserInput':
      return questionRequest(params);
    case 'mcpServer/elicitation/request':
      return {
        request: permission(
          `mcp__${text(params['serverName'])}`,
          { message: text(params['message']), ...(text(params['url']) ? { url: text(params['url']) } : {}) },
          { reason: params['message'] },
        ),
        answer: (decision) => ({
          action: decision.decision === 'allow' ? 'accept' : 'decline',
          content: decision.decision === 'allow' ? {} : null,
          _meta: null,
        }),
      };
    default:
      return null;
  }
}

function approval(decision: DecisionAnswer): object {
  return { decision: decision.decision === 'allow' ? 'accept' : 'decline' };
}

function commandRequest(params: Json): DecisionRequest {
  const command = text(params['command']);
  if (params['kind'] === 'writeStdin') return permission('WriteStdin', { text: command }, params);
  const network = params['networkApprovalContext'];
  if (isObject(network)) {
    const host = text(network['host']);
    return permission('Network', { url: `${text(network['protocol'])}://${host}`, host, command }, params);
  }
  return permission('Bash', { command: commandText(command) }, params);
}

/** The request only names the item; what would be changed was told when the item began. */
function changeRequest(params: Json, item: CodexItem | undefined): DecisionRequest {
  const changes = item?.changes ?? [];
  const paths = changes.flatMap((change) => [change.path, ...(change.movedTo ? [change.movedTo] : [])]);
  const root = text(params['grantRoot']);
  return permission(
    'Edit',
    {
      ...(paths.length === 1 ? { file_path: paths[0] } : { file_paths: paths }),
      changes,
      ...(root ? { grant_root: root } : {}),
    },
    params,
  );
}

function permission(tool: string, input: Json, params: Json): DecisionRequest {
  const cwd = text(params['cwd']);
  const description = text(params['reason']);
  return { kind: 'permission', tool, input, ...(cwd ? { cwd } : {}), ...(description ? { description } : {}) };
}

function questionRequest(params: Json): CodexRequest {
  const asked = list(params['questions']).filter(isObject);
  const questions: AskedQuestion[] = asked.map((one) => ({
    question: text(one['question']),
    ...(text(one['header']) ? { header: text(one['header']) } : {}),
    multiple: false,
    options: list(one['options'])
      .filter(isObject)
      .map((option) => ({ label: text(option['label']), description: text(option['description']) })),
  }));
  return {
    request: { kind: 'question', questions },
    answer(decision) {
      const answerTo = (question: string): string[] => {
        if (decision.decision === 'answer') return [decision.answers[question] ?? ''].filter((one) => one !== '');
        return decision.decision === 'deny' ? [decision.reason] : [];
      };
      return {
        answers: Object.fromEntries(
          asked.map((one) => [text(one['id']), { answers: answerTo(text(one['question'])) }]),
        ),
      };
    },
  };
}

function withoutNull(object: Json): Json {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null));
}
