/** What a notification on a phone says of an inbox item: who waits for what, never what is asked. Pure. */
import type { InboxItemType } from '../contract/inbox.ts';
import type { PushNote } from '../contract/push.ts';

/**
 * A lock screen is read by others, so titles and payloads of items stay out: a command holds secrets sooner or later.
 * `from`: the name of the agent or workflow; null when it is gone.
 */
export function pushNote(item: { id: string; type: InboxItemType; from: string | null }, waiting: number): PushNote {
  const others = waiting - 1;
  return {
    version: 1,
    item: item.id,
    title: titleOf(item.type, shortened(item.from)),
    body:
      others <= 0
        ? 'Nothing else waits for you.'
        : `${others} more ${others === 1 ? 'item waits' : 'items wait'} for you.`,
    waiting,
  };
}

export const TEST_NOTE: PushNote = {
  version: 1,
  item: null,
  title: 'Notifications work',
  body: 'Pointsman will tell you here when something waits for you.',
  waiting: 0,
};

function titleOf(type: InboxItemType, from: string | null): string {
  switch (type) {
    case 'permission':
      return `${from ?? 'An agent'} asks for permission`;
    case 'question':
      return `${from ?? 'An agent'} has a question`;
    case 'approval':
      return from === null ? 'An approval is wanted' : `${from}: approval wanted`;
    case 'failure':
      return from === null ? 'Something failed' : `${from}: something failed`;
    case 'budget':
      return from === null ? 'A budget is used up' : `${from}: budget used up`;
  }
}

const NAME_CHARACTERS = 60;

function shortened(name: string | null): string | null {
  const line = name?.replaceAll(/\s+/g, ' ').trim() ?? '';
  if (line === '') return null;
  return line.length > NAME_CHARACTERS ? `${line.slice(0, NAME_CHARACTERS)}…` : line;
}
