/** When an agent hears other instructions than it was started with, in words; pure. By what each command line does. */
import type { Agent } from '../../../src/contract/agents.ts';
import { t } from '../words/words.ts';

export interface Heard {
  words: string;
  /** Only a new conversation hears them. */
  fresh: boolean;
}

const KEEPS_TO_ITS_CONVERSATION: readonly Agent['kind'][] = ['codex', 'acp'];

export function whenHeard({ kind, status }: Pick<Agent, 'kind' | 'status'>): Heard {
  const fresh = KEEPS_TO_ITS_CONVERSATION.includes(kind);
  const now =
    status === 'stopped'
      ? t('It is stopped and gets new words when it starts')
      : t('It is running with the words it was started with');
  return fresh
    ? {
        words: t('{now}. A resumed conversation keeps to what it began with: only a new one hears others.', { now }),
        fresh,
      }
    : {
        words:
          status === 'stopped'
            ? t('{now}, in the conversation that it had.', { now })
            : t('{now}. After a restart it hears the new ones, in the same conversation.', { now }),
        fresh,
      };
}
