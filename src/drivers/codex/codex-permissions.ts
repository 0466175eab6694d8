/**
 * What an agent may do without asking, in Codex's own terms: when it asks (`approvalPolicy`), what its sandbox lets it
 * touch, and who is asked.
 *
 *     manual             asks before every command and change            writes in the workspace
 *     acceptEdits        asks to leave the sandbox                       writes in the workspace
 *     auto               the same, and a reviewing model answers         writes in the workspace
 *     dontAsk            never asks: what the sandbox forbids, fails     writes in the workspace
 *     plan               never asks: what the sandbox forbids, fails     writes nothing
 *     bypassPermissions  never asks                                      no sandbox
 */
import type { LaunchContext } from '../../ports/agent-driver.ts';

export interface CodexPermissions {
  approvalPolicy: 'untrusted' | 'on-request' | 'never';
  sandbox: 'read-only' | 'workspace-write' | 'danger-full-access';
  approvalsReviewer: 'user' | 'auto_review';
}

const PERMISSIONS: Record<LaunchContext['permissionMode'], CodexPermissions> = {
  manual: { approvalPolicy: 'untrusted', sandbox: 'workspace-write', approvalsReviewer: 'user' },
  acceptEdits: { approvalPolicy: 'on-request', sandbox: 'workspace-write', approvalsReviewer: 'user' },
  auto: { approvalPolicy: 'on-request', sandbox: 'workspace-write', approvalsReviewer: 'auto_review' },
  dontAsk: { approvalPolicy: 'never', sandbox: 'workspace-write', approvalsReviewer: 'user' },
  plan: { approvalPolicy: 'never', sandbox: 'read-only', approvalsReviewer: 'user' },
  bypassPermissions: { approvalPolicy: 'never', sandbox: 'danger-full-access', approvalsReviewer: 'user' },
};

/** Told with each thread: `untrusted` in config.toml makes app-server end (measured with 0.169.0). */
export function codexPermissions(mode: LaunchContext['permissionMode']): CodexPermissions {
  return PERMISSIONS[mode];
}
