/** Brings a prompt into the conversation once, and proves afterwards whether it arrived. */
import type { DeliverOutcome, LaunchContext } from '../../ports/agent-driver.ts';
import { type Arrival, waitForArrival } from './arrival.ts';
import { readTurn } from './conversation.ts';
import type { CurrentTurn } from './current-turn.ts';
import { messageIdOf } from './message-id.ts';
import type { Notice } from './notice.ts';
import { forgetDelivered, type OpencodeFiles, readDelivered, writeDelivered } from './opencode-files.ts';
import { agentFor } from './opencode-permissions.ts';
import { refusal } from './opencode-server.ts';
import type { Patience } from './patience.ts';
import { apiOf, conversationOf, type RunningOpencode } from './running-opencode.ts';
import type { Turn } from './turn.ts';

/** A prompt that opencode has taken is on its way, however long a busy machine lets it wait. */
const TAKEN_ARRIVES_WITHIN_MS = 90_000;
/** What went wrong is told after the prompt, if that arrived at all. */
const AFTER_ERROR_MS = 3_000;

export interface PromptDelivery {
  /** `turn` was opened for it, and is dropped unless the prompt arrived. */
  send(turn: Turn, prompt: string): Promise<DeliverOutcome>;
  /** Of a prompt that may have been sent; nothing is left of one that was not. Asked twice it answers once. */
  judge(turn: Turn): Promise<Arrival>;
}

export function createPromptDelivery(options: {
  running: RunningOpencode;
  context: LaunchContext;
  files: OpencodeFiles;
  patience: Patience;
  notice: Notice;
  current: CurrentTurn;
  /** Takes over what the conversation says; false when it could not be read. */
  lookAgain: () => Promise<boolean>;
  isOver: () => boolean;
  /** Another conversation is opened when this one is gone. */
  conversationGone: () => void;
}): PromptDelivery {
  const { running, context, files, patience, notice, current, lookAgain, isOver, conversationGone } = options;
  const judged = new WeakMap<Turn, Promise<Arrival>>();

  return {
    async send(mine, prompt) {
      const { taskId } = mine;
      try {
        if ((await readDelivered(files))?.taskId === taskId || (await isInConversation(taskId))) {
          current.drop(mine);
          return { outcome: 'unknown', reason: 'this task was delivered before' };
        }
      } catch (error) {
        current.drop(mine);
        return refused(`opencode cannot be reached: ${messageOf(error)}`);
      }
      await current.aborted();
      const messageID = messageIdOf(taskId, Date.now());
      mine.messageId = messageID;
      await writeDelivered(files, { taskId, messageId: messageID });
      current.tellTyped(mine);
      const sent = await post(messageID, prompt).catch(() => null);
      if (sent && sent.status >= 300) {
        await undo(mine);
        if (sent.status === 404) conversationGone();
        return refused(`opencode did not take the prompt: ${refusal(sent)}`);
      }
      const arrival = await arrives(mine, sent ? TAKEN_ARRIVES_WITHIN_MS : patience.arrivesMs);
      if (arrival === 'arrived') return { outcome: 'submitted' };
      const reason = mine.error?.message ?? 'opencode did not acknowledge the prompt';
      if (arrival === 'absent' && (mine.error || !sent)) {
        await undo(mine);
        return refused(`opencode did not take the prompt: ${reason}`);
      }
      current.drop(mine);
      return {
        outcome: 'unknown',
        reason: running.exited ? 'opencode ended before it acknowledged the prompt' : reason,
      };
    },

    async judge(mine) {
      const known =
        judged.get(mine) ??
        arrives(mine, patience.arrivesMs).then(async (arrival) => {
          if (arrival === 'absent') await undo(mine);
          return arrival;
        });
      judged.set(mine, known);
      return known;
    },
  };

  async function isInConversation(taskId: string): Promise<boolean> {
    const where = { sessionId: conversationOf(running), taskId, newestOnly: true };
    return (await readTurn(apiOf(running), where)).arrived;
  }

  async function post(messageID: string, prompt: string): Promise<{ status: number; body: unknown }> {
    return apiOf(running).request('POST', `/session/${conversationOf(running)}/prompt_async`, {
      messageID,
      agent: agentFor(context.permissionMode),
      ...modelOf(context.model),
      parts: [{ type: 'text', text: prompt }],
    });
  }

  async function arrives(mine: Turn, ms: number): Promise<Arrival> {
    return waitForArrival({
      notice,
      isSeen: () => mine.state !== 'sent',
      isOver,
      look: async () => {
        if (!(await lookAgain())) throw new Error('the conversation cannot be read');
        return mine.state !== 'sent';
      },
      withinMs: () => (mine.error ? Math.min(ms, AFTER_ERROR_MS) : ms),
    });
  }

  /** The record goes too: a later server must not wait for a prompt that never comes. */
  async function undo(mine: Turn): Promise<void> {
    await forgetDelivered(files, mine.taskId);
    current.drop(mine);
  }
}

/** `provider/model`, whatever a conversation began with. */
function modelOf(model: string | undefined): { model: { providerID: string; modelID: string } } | null {
  const slash = model?.indexOf('/') ?? -1;
  if (model === undefined || slash < 1) return null;
  return { model: { providerID: model.slice(0, slash), modelID: model.slice(slash + 1) } };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function refused(reason: string): DeliverOutcome {
  return { outcome: 'refused', code: 'DELIVERY_FAILED', reason };
}
