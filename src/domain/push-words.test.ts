import { expect, it } from 'vitest';
import { InboxItemType } from '../contract/inbox.ts';
import { PushNote } from '../contract/push.ts';
import { pushNote } from './push-words.ts';

const id = '0199a1b2-c3d4-7000-8000-000000000000';

it('says who waits for what and how much else does', () => {
  expect(pushNote({ id, type: 'permission', from: 'coder' }, 1)).toEqual({
    version: 1,
    item: id,
    title: 'coder asks for permission',
    body: 'Nothing else waits for you.',
    waiting: 1,
  });
  expect(pushNote({ id, type: 'approval', from: 'Release' }, 3).body).toBe('2 more items wait for you.');
});
it('has words for every kind of item, also of an agent that is gone', () => {
  for (const type of InboxItemType.options)
    for (const from of ['coder', null]) {
      const note = PushNote.parse(pushNote({ id, type, from }, 2));
      expect(note.title).toMatch(from === null ? /^[A-Z]\w* / : /^coder/);
    }
});
it('keeps a name to one short line', () => {
  expect(pushNote({ id, type: 'failure', from: `a\n${'b'.repeat(200)}` }, 1).title).toBe(
    `a ${'b'.repeat(58)}…: something failed`,
  );
});
