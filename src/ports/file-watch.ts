/** Whether files of this machine are as they were. Reads names and times, never content. */

export interface FileMark {
  path: string;
  modifiedAt: string;
}

export type FilesSeen =
  /** The same digest: the same files, none written in between. */
  { outcome: 'seen'; digest: string; files: FileMark[] } | { outcome: 'unreadable'; reason: string };

export interface FileWatch {
  /** The files that a path from the root means; `*`, `**` and `?` stand for any. What is not there is no file. */
  see(pattern: string): Promise<FilesSeen>;
}
