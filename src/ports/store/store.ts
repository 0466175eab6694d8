/** Everything durable, by room. One real PostgreSQL stands behind it; what is committed together is written together. */
import type { Checkpoints } from '../checkpoints.ts';
import type { Notice } from '../event-bus.ts';
import type { SharedState } from '../shared-state.ts';
import type { AgentStore, TaskStore } from './agents.ts';
import type { AuditSealStore } from './audit-seals.ts';
import type { ChannelStore } from './channels.ts';
import type { EventStore, NewEvent } from './events.ts';
import type { Figure } from './figures.ts';
import type { ExecutionStore } from './executions.ts';
import type { IdentityStore } from './identity.ts';
import type { IncidentStore } from './incidents.ts';
import type { InboxStore } from './inbox.ts';
import type { PolicyStore } from './policies.ts';
import type { PreferenceStore } from './preferences.ts';
import type { PushStore } from './push.ts';
import type { RetentionStore } from './retention.ts';
import type { SecretStore } from './secrets.ts';
import type { TriggerStore } from './triggers.ts';
import type { UsageStore } from './usage.ts';
import type { WorkflowStore } from './workflows.ts';

export interface StoreRooms {
  readonly agents: AgentStore;
  readonly tasks: TaskStore;
  readonly workflows: WorkflowStore;
  readonly triggers: TriggerStore;
  readonly executions: ExecutionStore;
  readonly inbox: InboxStore;
  readonly incidents: IncidentStore;
  readonly policies: PolicyStore;
  readonly preferences: PreferenceStore;
  readonly push: PushStore;
  readonly secrets: SecretStore;
  readonly channels: ChannelStore;
  readonly usage: UsageStore;
  readonly retention: RetentionStore;
  readonly identity: IdentityStore;
  readonly auditSeals: AuditSealStore;
  readonly events: EventStore;
  readonly checkpoints: Checkpoints;
  readonly sharedState: SharedState;
}

export interface StoreTransaction extends StoreRooms {
  /** Numbered and announced when the transaction commits. */
  publish(...events: NewEvent[]): void;
  /** Announced when the transaction commits. */
  notify(...notices: Notice[]): void;
}

export interface Store extends StoreRooms {
  transaction<T>(work: (transaction: StoreTransaction) => Promise<T>): Promise<T>;
  touchHost(host: { id: string; name: string; roles: string[]; startedAt: string }): Promise<void>;
  hosts(): Promise<
    { id: string; name: string; roles: string[]; startedAt: string; lastSeenAt: string; agents: number }[]
  >;
  /** One statement. */
  figures(): Promise<Figure[]>;
  /** Throws DATABASE_UNAVAILABLE when it does not answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
