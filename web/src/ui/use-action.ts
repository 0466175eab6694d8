/** Something a person starts: busy while it runs, its failure told in words. */
import { useCallback, useState } from 'react';
import { messageOf } from '../api/api-error.ts';
import { toast } from './toasts.ts';
import { t } from '../words/words.ts';

interface Options {
  done?: string | undefined;
  /** Takes it back, offered beside `done`. */
  undo?: { label: string; run: () => Promise<unknown> };
  /** Return true when the failure was told elsewhere. */
  failed?: (error: unknown) => boolean | void;
}

export function useAction(): {
  busy: boolean;
  run: <T>(work: () => Promise<T>, options?: Options) => Promise<T | undefined>;
} {
  const [busy, setBusy] = useState(false);
  const run = useCallback(async <T>(work: () => Promise<T>, options: Options = {}): Promise<T | undefined> => {
    setBusy(true);
    try {
      const result = await work();
      const { done, undo } = options;
      if (done) {
        const takeBack = undo && {
          label: undo.label,
          run: () =>
            void undo
              .run()
              .catch((error: unknown) =>
                toast(t('Not undone: {messageOf}', { messageOf: messageOf(error) }), { tone: 'bad' }),
              ),
        };
        toast(done, { action: takeBack });
      }
      return result;
    } catch (error) {
      if (!options.failed?.(error)) toast(messageOf(error), { tone: 'bad' });
      return undefined;
    } finally {
      setBusy(false);
    }
  }, []);
  return { busy, run };
}
