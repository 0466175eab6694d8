import { useBlocker } from '@tanstack/react-router';
import { Confirm } from './confirm.tsx';

/** Asks before what was typed and not saved is left behind, also when the tab is closed. */
export function UnsavedGuard({ dirty }: { dirty: boolean }) {
  const blocker = useBlocker({ shouldBlockFn: () => dirty, enableBeforeUnload: () => dirty, withResolver: true });
  if (blocker.status !== 'blocked') return null;
  return (
    <Confirm
      title="Leave without saving?"
      action="Leave"
      onClose={() => blocker.reset()}
      onConfirm={() => blocker.proceed()}
    >
      What you changed here is not saved yet and would be lost.
    </Confirm>
  );
}
