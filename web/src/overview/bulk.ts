/** What can be done to many agents at once: to whom it applies, and each one's outcome. Pure but for the work it is given. */
import type { Agent } from '../../../src/contract/agents.ts';
import { messageOf } from '../api/api-error.ts';
import type { IconName } from '../ui/icon.tsx';
import { t } from '../words/words.ts';

const isDown = ({ status }: Agent): boolean => status === 'stopped' || status === 'crashed';

export const BULK = {
  start: { verb: t('Start'), done: t('starts'), icon: 'play', asks: false, fits: isDown, unfit: t('is running') },
  interrupt: {
    verb: t('Interrupt'),
    done: t('is interrupted'),
    icon: 'pause',
    asks: false,
    fits: (agent: Agent) =>
      !isDown(agent) &&
      !agent.adopted &&
      (agent.status === 'working' || agent.status === 'blocked' || agent.currentTask !== undefined),
    unfit: t('has no task to interrupt'),
  },
  restart: {
    verb: t('Restart'),
    done: t('restarts'),
    icon: 'restart',
    asks: true,
    fits: (agent: Agent) => !isDown(agent),
    unfit: t('does not run'),
  },
  stop: {
    verb: t('Stop'),
    done: t('stops'),
    icon: 'stop',
    asks: true,
    fits: ({ status }: Agent) => status !== 'stopped',
    unfit: t('is stopped'),
  },
  send: {
    verb: t('Send a task'),
    done: t('has it'),
    icon: 'send',
    asks: true,
    fits: ({ adopted }: Agent) => adopted === undefined,
    unfit: t('is only observed until it is restarted'),
  },
} as const satisfies Record<string, BulkAction>;
export type BulkName = keyof typeof BULK;

interface BulkAction {
  verb: string;
  /** What the agent does then. */
  done: string;
  icon: IconName;
  /** Something is lost, or more is to be said. */
  asks: boolean;
  fits: (agent: Agent) => boolean;
  unfit: string;
}

export type Outcome<T> = { status: 'waiting' } | { status: 'done'; value: T } | { status: 'failed'; reason: string };

const AT_ONCE = 4; // a start is a process and a few commits; more at once only makes each slower

/** Every agent gets its turn, whatever became of the others. */
export async function forEachAgent<T>(
  agents: readonly Agent[],
  work: (agent: Agent) => Promise<T>,
  told: (id: string, outcome: Outcome<T>) => void,
): Promise<void> {
  const left = [...agents];
  const worker = async (): Promise<void> => {
    for (let agent = left.shift(); agent; agent = left.shift()) {
      try {
        told(agent.id, { status: 'done', value: await work(agent) });
      } catch (error) {
        told(agent.id, { status: 'failed', reason: messageOf(error) });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, agents.length) }, worker));
}
