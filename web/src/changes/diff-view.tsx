import { useState } from 'react';
import type { DiffFile, DiffHunk, TaskDiff } from '../../../src/contract/task-changes.ts';
import { VisibleText } from '../ui/visible-text.tsx';
import { firstLines, numbered, openFiles } from './diff-lines.ts';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import styles from './diff-view.module.css';

const FIRST_FILES = 100; // entries shown before asking for more
const FIRST_LINES = 400; // of one file; more is slow to draw and nobody reads it at once
const STATUS_WORDS = {
  added: t('added'),
  modified: t('changed'),
  deleted: t('deleted'),
  renamed: t('renamed'),
  type_changed: t('another kind of file'),
} as const satisfies Record<DiffFile['status'], string>;

/** What was changed, file by file, every character as it is; small diffs are open. */
export function DiffView({ diff }: { diff: TaskDiff }) {
  const [shown, setShown] = useState(FIRST_FILES);
  const open = openFiles(diff.files);
  return (
    <div className={styles['diff']}>
      {diff.files.slice(0, shown).map((file) => (
        <FileChanges key={file.path} file={file} open={open.has(file.path)} cut={diff.truncated} />
      ))}
      {diff.files.length > shown && (
        <button type="button" className={styles['more']} onClick={() => setShown(shown + FIRST_FILES)}>
          {rich('{count} more files', { count: diff.files.length - shown })}
        </button>
      )}
      {diff.truncated && (
        <p className={styles['none']}>
          {t('This is not all of it: it is too long to show. The branch holds everything.')}
        </p>
      )}
    </div>
  );
}

function FileChanges({ file, open, cut }: { file: DiffFile; open: boolean; cut: boolean }) {
  const [isOpen, setOpen] = useState(open);
  return (
    <details className={styles['file']} open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <span className={styles['path']}>
          {file.oldPath !== undefined && (
            <>
              <VisibleText text={file.oldPath} /> →{' '}
            </>
          )}
          <VisibleText text={file.path} />
        </span>
        {file.status !== 'modified' && <span className={styles['status']}>{STATUS_WORDS[file.status]}</span>}
        {file.binary ? <span className={styles['status']}>{t('binary')}</span> : <Counts {...file} />}
      </summary>
      {isOpen && <Hunks file={file} cut={cut} />}
    </details>
  );
}

function Hunks({ file, cut }: { file: DiffFile; cut: boolean }) {
  const [shown, setShown] = useState(FIRST_LINES);
  if (file.hunks.length === 0) return <p className={styles['none']}>{withoutLines(file, cut)}</p>;
  const total = file.hunks.reduce((sum, hunk) => sum + hunk.lines.length, 0);
  return (
    <div
      className={styles['lines']}
      tabIndex={0}
      role="region"
      aria-label={t('Changes of {path}', { path: file.path })}
    >
      <div className={styles['sheet']}>
        {firstLines(file.hunks, shown).map((hunk, index) => (
          <Hunk key={index} hunk={hunk} />
        ))}
      </div>
      {total > shown && (
        <button type="button" className={styles['more']} onClick={() => setShown(shown + FIRST_LINES * 5)}>
          {rich('{total} more lines', { total: total - shown })}
        </button>
      )}
    </div>
  );
}

const SIGNS = { context: ' ', add: '+', delete: '-' } as const;

function Hunk({ hunk }: { hunk: DiffHunk }) {
  return (
    <>
      <div className={styles['hunk']}>
        @@ -{hunk.oldStart},{hunk.oldLines} +{hunk.newStart},{hunk.newLines} @@ <VisibleText text={hunk.header} />
      </div>
      {numbered(hunk).map((line, index) => (
        <div key={index} className={styles['line']} data-type={line.type}>
          <span className={styles['number']} aria-hidden="true">
            {line.oldNumber}
          </span>
          <span className={styles['number']} aria-hidden="true">
            {line.newNumber}
          </span>
          <span className={styles['sign']}>{SIGNS[line.type]}</span>
          <span className={styles['text']}>
            <VisibleText text={line.text} />
            {line.noNewline && <i title={t('No newline at the end of the file')}> ⏎̸</i>}
          </span>
        </div>
      ))}
    </>
  );
}

export function Counts({ additions, deletions }: { additions: number; deletions: number }) {
  return (
    <span className={styles['counts']}>
      <span data-type="add">+{additions}</span> <span data-type="delete">−{deletions}</span>
    </span>
  );
}

function withoutLines(file: DiffFile, cut: boolean): string {
  if (file.binary) return t('A binary file.');
  if (cut && file.additions + file.deletions > 0) return t('Too long to show.');
  return file.status === 'added' || file.status === 'deleted'
    ? t('An empty file.')
    : t('Only its name or its mode changed.');
}
