/** What the routes are given: the engine's parts, made once in compose.ts. */
import type { AgentDefinitions } from '../engine/agents/agent-definitions.ts';
import type { AgentSupervisor } from '../engine/agents/agent-supervisor.ts';
import type { EffectContext } from '../engine/effects/effect-runner.ts';
import type { PushSender } from '../engine/push/push-sender.ts';
import type { HttpEgress } from '../ports/http-egress.ts';
import type { RegisteredGraphs } from '../ports/registered-graphs.ts';
import type { EventBus } from '../ports/event-bus.ts';
import type { Store } from '../ports/store/store.ts';
import type { AgentTokens } from './auth/agent-tokens.ts';
import type { IdentityService } from './auth/identity-service.ts';
import type { Config } from './config.ts';
import type { AllowedHosts } from './http/allowed-hosts.ts';
import type { DoctorCheck } from './doctor.ts';
import type { ProcessMeter } from './metrics/process-meter.ts';

export interface Services {
  config: Config;
  engine: EffectContext;
  store: Store;
  bus: EventBus;
  agents: AgentSupervisor;
  definitions: AgentDefinitions;
  identity: IdentityService;
  agentTokens: AgentTokens;
  egress: HttpEgress;
  push: PushSender;
  graphs: RegisteredGraphs;
  hosts: AllowedHosts;
  meter: ProcessMeter;
  /** Why it is not ready; empty when it is. */
  readiness: () => Promise<Record<string, { ok: boolean; detail: string }>>;
  doctor: () => Promise<DoctorCheck[]>;
  version: string;
  startedAt: string;
  /** Aborted when the server begins to stop: requests that wait for something are answered with what there is. */
  closing: AbortController;
}
