/**
 * A directory that brings settings which an agent's CLI would act on by itself is shown to a person before the agent
 * starts there. Trust is for exactly that content, wherever it lies: a worktree of the same repository needs none of its own.
 */
import { createHash } from 'node:crypto';
import type { WorkspaceSetting } from '../../ports/agent-driver.ts';
import type { AgentRecord } from '../../ports/store/agents.ts';
import type { InboxRecord } from '../../ports/store/inbox.ts';
import type { EffectContext } from '../effects/effect-runner.ts';
import { inboxView } from '../inbox-view.ts';
import { payloadHash } from '../payload-hash.ts';

/** Characters of one file that are shown; the trust is for all of it. */
const SHOWN_CHARACTERS = 20_000;
const PREFIX = 'trust:';

export type Trust = 'trusted' | 'refused' | 'asked';

/** Asks a person, once, where nobody has decided about this content yet. */
export async function workspaceTrust(
  context: EffectContext,
  { agent, directory, settings }: { agent: AgentRecord; directory: string; settings: readonly WorkspaceSetting[] },
): Promise<Trust> {
  if (settings.length === 0) return 'trusted';
  const requestId = `${PREFIX}${contentHash(settings)}`;
  if (await context.store.inbox.wasAllowed(requestId)) return 'trusted';
  const known = await context.store.inbox.byRequest(agent.id, requestId);
  if (known?.resolution?.decision === 'deny') {
    // Of this start: whoever starts the agent again is asked again.
    await context.store.inbox.forgetRequest(known.id);
    return 'refused';
  }
  if (known) return 'asked';
  const item = itemOf(context, { agent, directory, settings, requestId });
  await context.store.transaction(async (transaction) => {
    if ((await transaction.inbox.open(item)) === 'exists') return;
    transaction.publish({ topic: 'inbox', event: 'inbox.opened', data: inboxView(item) });
  });
  return 'asked';
}

export function isAboutTrust(item: InboxRecord): boolean {
  return item.requestId?.startsWith(PREFIX) ?? false;
}

function contentHash(settings: readonly WorkspaceSetting[]): string {
  const hash = createHash('sha256');
  for (const { path, content } of settings) hash.update(JSON.stringify([path, content]));
  return hash.digest('hex');
}

function itemOf(
  context: EffectContext,
  {
    agent,
    directory,
    settings,
    requestId,
  }: { agent: AgentRecord; directory: string; settings: readonly WorkspaceSetting[]; requestId: string },
): InboxRecord {
  const payload = {
    agent: agent.name,
    directory,
    message: `This directory brings settings that ${agent.kind} acts on by itself: hooks and servers run commands on this machine without asking again. Allow them only if you know where they come from.`,
    text: settings
      .map(({ path, content }) => {
        const rest = content.length - SHOWN_CHARACTERS;
        return `── ${path}\n${content.slice(0, SHOWN_CHARACTERS)}${rest > 0 ? `\n(${rest} more characters)` : ''}`;
      })
      .join('\n\n'),
    content: requestId.slice(PREFIX.length),
  };
  return {
    id: context.ids.next(),
    type: 'permission',
    state: 'open',
    title: `${agent.name} would start with the settings of ${directory}`,
    payload,
    hash: payloadHash(payload),
    agentId: agent.id,
    choices: ['allow', 'deny'],
    createdAt: context.clock.now().toISOString(),
    effectKey: null,
    // To trust hooks is to let commands run, as an agent's own `command` does.
    roles: ['admin'],
    form: null,
    requestId,
  };
}
