/** An inbox item as clients see it. */
import type { InboxItem } from '../contract/inbox.ts';
import type { InboxRecord } from '../ports/store/inbox.ts';

export function inboxView({
  effectKey: _effectKey,
  roles: _roles,
  form: _form,
  requestId: _requestId,
  ...item
}: InboxRecord): InboxItem {
  return item;
}
