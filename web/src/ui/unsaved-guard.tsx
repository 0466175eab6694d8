import { useBlocker } from '@tanstack/react-router';
import { Confirm } from './confirm.tsx';
import { t } from '../words/words.ts';

/** Asks before what was typed and not saved is left behind, also when the tab is closed. */
export function UnsavedGuard({ dirty }: { dirty: boolean }) {
  const blocker = useBlocker({ shouldBlockFn: () => dirty, enableBeforeUnload: () => dirty, withResolver: true });
  if (blocker.status !== 'blocked') return null;
  return (
    <Confirm
      title={t('Leave without saving?')}
      action={t('Leave')}
      onClose={() => blocker.reset()}
      onConfirm={() => blocker.proceed()}
    >
      {t('What you changed here is not saved yet and would be lost.')}
    </Confirm>
  );
}
