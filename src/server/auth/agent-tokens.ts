/**
 * The tokens by which agents reach their tools. One is made at each launch and opens nothing else; only its hash is kept,
 * in the agent's own directory, so that an agent which outlives the server stays known.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Store } from '../../ports/store/store.ts';
import type { Principal } from './principal.ts';

const FORM = /^pm_agent_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})_[\w-]{43}$/;

export class AgentTokens {
  readonly #directoryOf: (agentId: string) => string;

  constructor(directoryOf: (agentId: string) => string) {
    this.#directoryOf = directoryOf;
  }

  /** A new token; the one before is worth nothing from now on. */
  async issue(agentId: string): Promise<string> {
    const token = `pm_agent_${agentId}_${randomBytes(32).toString('base64url')}`;
    const file = this.#fileOf(agentId);
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(`${file}.new`, hashOf(token).toString('hex'), { mode: 0o600 });
    await rename(`${file}.new`, file);
    return token;
  }

  /** Null when it is not the newest token of an agent that exists. */
  async principalOf(token: string, store: Store): Promise<Principal | null> {
    const agentId = FORM.exec(token)?.[1];
    if (!agentId) return null;
    const stored = await readFile(this.#fileOf(agentId), 'utf8').catch(() => '');
    const [given, known] = [hashOf(token), Buffer.from(stored.trim(), 'hex')];
    if (given.length !== known.length || !timingSafeEqual(given, known)) return null;
    const agent = await store.agents.get(agentId);
    if (!agent) return null;
    return { id: agentId, name: agent.name, role: 'viewer', permissions: [], via: 'agent', credentialId: agentId };
  }

  #fileOf(agentId: string): string {
    return path.join(this.#directoryOf(agentId), 'tools-token.sha256');
  }
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
