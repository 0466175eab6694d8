/** Brings a `codex app-server` to its conversation: the one that the agent had, or a new one. */
import type { LaunchContext } from '../../ports/agent-driver.ts';
import { objectIn, text } from '../json-row.ts';
import { forgetConversation, storeConversation, storedConversation } from '../private-file.ts';
import type { CodexEvent } from './codex-event.ts';
import { codexPermissions } from './codex-permissions.ts';

const HANDSHAKE = { initialize: 'initialize/', thread: 'thread/' } as const;

/** `wasReady`: a prompt was delivered before we came; nothing is delivered before the handshake. */
export async function codexThread(options: {
  context: LaunchContext;
  wasReady: boolean;
  /** What was answered before we came is not answered again. */
  isLive: () => boolean;
  request: (purpose: string, method: string, params: object) => void;
  notify: (method: string) => Promise<unknown>;
  inBackground: (work: Promise<unknown>) => void;
  breakDown: (reason: string) => void;
  onReady: () => void;
}) {
  const { context, wasReady, isLive, request, notify, inBackground, breakDown, onReady } = options;
  let id = wasReady ? await storedConversation(context.directory) : null;
  let initialized = wasReady;
  let isReady = wasReady;

  async function openThread(): Promise<void> {
    await notify('initialized');
    const { approvalPolicy, sandbox, approvalsReviewer } = codexPermissions(context.permissionMode);
    const stored = await storedConversation(context.directory);
    request(HANDSHAKE.thread, stored === null ? 'thread/start' : 'thread/resume', {
      ...(stored === null ? {} : { threadId: stored, excludeTurns: true }),
      cwd: context.workspace,
      approvalPolicy,
      sandbox,
      approvalsReviewer,
      ...(context.model ? { model: context.model } : {}),
      ...(context.instructions ? { developerInstructions: context.instructions } : {}),
    });
  }

  /** Stored before its first prompt, so that no prompt is ever in a conversation that nobody remembers. */
  async function use(thread: string): Promise<void> {
    await storeConversation(context.directory, thread);
    isReady = true;
    onReady();
  }

  /** A conversation in which nothing was said yet leaves no record: the next start begins it anew. */
  async function refuse(reason: string): Promise<void> {
    const stored = await storedConversation(context.directory);
    if (stored !== null && /no rollout found/i.test(reason)) {
      await forgetConversation(context.directory);
      await openThread();
    } else breakDown(reason);
  }

  /** Continues where the file says that the handshake is; a step that was done twice does no harm. */
  function shakeHands(): void {
    if (isReady) return;
    if (!initialized)
      request(HANDSHAKE.initialize, 'initialize', {
        clientInfo: { name: 'pointsman', title: 'Pointsman', version: '1' },
        capabilities: { experimentalApi: true, requestAttestation: false },
      });
    else inBackground(id === null ? openThread() : use(id));
  }

  return {
    get id() {
      return id;
    },
    get isReady() {
      return isReady;
    },
    shakeHands,

    takeAnswer(answer: Extract<CodexEvent, { type: 'answered' }>): void {
      const { result, error } = answer;
      if (answer.id.startsWith(HANDSHAKE.initialize)) {
        if (error && !/already initialized/i.test(error.message)) return breakDown(error.message);
        const first = !initialized;
        initialized = true;
        if (isLive() && first) shakeHands();
      } else if (answer.id.startsWith(HANDSHAKE.thread)) {
        if (error) return isLive() ? inBackground(refuse(error.message)) : undefined;
        if (id !== null) return;
        id = text(objectIn(result, 'thread')['id']);
        if (isLive()) inBackground(use(id));
      }
    },
  };
}
