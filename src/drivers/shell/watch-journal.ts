/** Follows a shell's journal file and keeps what it says of the shell. */
import { followLines } from '../follow-lines.ts';
import { applyRecord, emptyView, parseRecord, type JournalRecord, type ShellView } from './shell-journal.ts';

export interface Journal {
  readonly view: ShellView;
  /** Reads what is there now; everything is also read by itself soon after it was written. */
  catchUp(): void;
  /** True as soon as it is so, false after maxMs or when closed. */
  until(isSo: (view: ShellView) => boolean, maxMs: number): Promise<boolean>;
  close(): void;
}

/** What is already written is history: told by the view, not as news. */
export function watchJournal({ file, onRecord }: { file: string; onRecord: (record: JournalRecord) => void }): Journal {
  const view = emptyView();
  const lines = followLines({
    file,
    offset: 0,
    encoding: 'latin1',
    onLine(line, { news }) {
      const record = parseRecord(line);
      if (!record) return;
      applyRecord(view, record);
      if (news) onRecord(record);
    },
  });
  return {
    view,
    catchUp: lines.catchUp,
    until: async (isSo, maxMs) => lines.until(() => isSo(view), maxMs),
    close: lines.close,
  };
}
