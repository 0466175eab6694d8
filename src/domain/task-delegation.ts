/** Whether one agent may hand a task to another: what it may not do itself it may not have done, and chains end. Pure. */

/** The first hand-over of a chain has depth 1; a team that needs more wants a workflow. */
export const MAX_DELEGATION_DEPTH = 3;

interface Party {
  id: string;
  name: string;
  kind: string;
  permissionMode: string | null;
}

/** How much an agent may do without asking; `dontAsk` does nothing that was not allowed before. */
const FREEDOM: Readonly<Record<string, number>> = {
  plan: 0,
  manual: 1,
  dontAsk: 1,
  acceptEdits: 2,
  auto: 3,
  bypassPermissions: 4,
};

/** Null: it may. Otherwise why not, as a sentence. */
export function whyNotDelegate({ from, to, depth }: { from: Party; to: Party; depth: number }): string | null {
  if (from.id === to.id) return 'An agent cannot hand a task to itself.';
  if (to.kind === 'shell')
    return `${to.name} is a shell: it would run the text as a command that nobody was asked about.`;
  if (freedomOf(to) > freedomOf(from)) return `${to.name} may do more without asking than ${from.name}.`;
  if (depth > MAX_DELEGATION_DEPTH)
    return `This task was handed on ${MAX_DELEGATION_DEPTH} times already, from agent to agent.`;
  return null;
}

function freedomOf({ permissionMode }: Party): number {
  return FREEDOM[permissionMode ?? 'manual'] ?? Number.POSITIVE_INFINITY;
}
