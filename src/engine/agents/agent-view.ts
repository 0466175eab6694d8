/** An agent as clients see it; values of its environment stay here. */
import type { Agent } from '../../contract/agents.ts';
import type { AgentRecord } from '../../ports/store/agents.ts';
import type { StoreTransaction } from '../../ports/store/store.ts';
import { settingsOf } from './agent-settings.ts';

export function agentView(record: AgentRecord, currentTask?: string | null): Agent {
  const { instructions, model, permissionMode } = settingsOf(record);
  return {
    id: record.id,
    name: record.name,
    kind: record.kind,
    mode: record.mode,
    role: record.role,
    status: record.status,
    statusReason: record.statusReason,
    statusSource: record.statusSource,
    statusSince: record.statusSince,
    host: record.hostId,
    sessionName: record.session?.sessionName ?? `pointsman-${record.id}`,
    workspace: workspaceView(record.workspace),
    capabilities: record.capabilities,
    ...(model ? { model } : {}),
    cpu: record.cpu,
    memory: record.memory,
    tokens: record.tokens,
    cost: record.cost,
    ...(currentTask ? { currentTask } : {}),
    ...(record.budget ? { budget: record.budget } : {}),
    ...(record.held ? { heldBy: record.held } : {}),
    lastActivity: record.lastActivity,
    createdAt: record.createdAt,
    ...(instructions ? { instructions } : {}),
    ...(record.definition ? { definition: record.definition.name } : {}),
    ...(permissionMode ? { permissionMode } : {}),
    ...(record.command ? { command: record.command } : {}),
    envNames: Object.keys(record.env),
    autostart: record.autostart,
    seat: record.seat,
    ...(record.session?.warning ? { warnings: [record.session.warning] } : {}),
    ...(record.session?.adopted ? { adopted: { terminal: record.session.adopted.terminal } } : {}),
  };
}

function workspaceView({ path, isolation, branch }: AgentRecord['workspace']): Agent['workspace'] {
  return { path, isolation, ...(branch ? { branch } : {}) };
}

export function publishAgent(transaction: StoreTransaction, record: AgentRecord, currentTask?: string | null): void {
  const view = agentView(record, currentTask);
  transaction.publish(
    { topic: 'agents', event: 'agent.changed', data: view },
    { topic: `agent:${record.id}`, event: 'agent.changed', data: view },
  );
}
