/**
 * What an agent may do without asking: as a mode of its session where it offers one, and otherwise by how we answer what
 * it asks. The protocol names no modes, so agents are known by the ids that the well-known ones use.
 */
import type { LaunchContext } from '../../ports/agent-driver.ts';
import { type Json, objects, object, text } from '../json-row.ts';

type PermissionMode = LaunchContext['permissionMode'];

const MODE_IDS: Readonly<Record<PermissionMode, readonly string[]>> = {
  manual: ['default', 'manual', 'ask', 'build'],
  acceptEdits: ['acceptEdits', 'autoEdit', 'auto_edit', 'accept-edits'],
  auto: ['auto'],
  dontAsk: ['dontAsk', 'default', 'manual', 'ask', 'build'],
  plan: ['plan', 'read-only'],
  bypassPermissions: ['bypassPermissions', 'yolo', 'full-access'],
};

const CHANGES = new Set(['edit', 'delete', 'move']);

export interface ChosenMode {
  /** To be set with session/set_mode; null when the agent offers nothing that fits. */
  id: string | null;
  /** What is answered without asking a person. */
  answerTo(kind: string | undefined): 'allow' | 'deny' | 'ask';
}

/** `session` is what session/new or session/load answered. */
export function chooseMode(mode: PermissionMode, session: Json): ChosenMode {
  const offered = objects(object(session['modes'])['availableModes']).map((one) => text(one['id']));
  const find = (wanted: PermissionMode): string | null => MODE_IDS[wanted].find((id) => offered.includes(id)) ?? null;
  const exact = find(mode);
  return {
    // The strictest mode there is: what that one asks is answered by us.
    id: exact ?? find('manual'),
    answerTo(kind = 'other') {
      if (mode === 'dontAsk') return 'deny';
      if (mode === 'bypassPermissions') return 'allow';
      if (mode === 'acceptEdits' && exact === null) return kind === 'edit' ? 'allow' : 'ask';
      if (mode === 'plan' && exact === null) return CHANGES.has(kind) || kind === 'execute' ? 'deny' : 'ask';
      return 'ask';
    },
  };
}
