import type { ReactNode } from 'react';
import type { TranscriptEntry } from '../../../src/contract/transcript.ts';
import { clockWords, dateWords } from '../ui/time-words.ts';
import { VisibleText } from '../ui/visible-text.tsx';
import { codeBlocks } from './code-blocks.ts';
import { rich } from '../words/rich.ts';
import { locale, t } from '../words/words.ts';
import styles from './conversation.module.css';

/** One thing that was said or done: who, when, and what, as text and nothing but text. */
export function ConversationEntry({
  entry,
  name,
  verbatim,
  children,
}: {
  entry: TranscriptEntry;
  name: string;
  /** All of it is commands and what they print, whose columns fit only in one width of letters. */
  verbatim: boolean;
  children?: ReactNode;
}) {
  const who = { user: t('Prompt'), assistant: name, tool: t('Tool'), system: t('Notice') }[entry.role];
  return (
    <div className={styles['entry']} data-role={entry.role}>
      {entry.tool ? (
        <ToolCall tool={entry.tool} at={entry.at} />
      ) : (
        <div className={styles['said']}>
          <p className={styles['who']}>
            <b>{who}</b> <Clock at={entry.at} />
          </p>
          {(verbatim ? [{ code: true, text: entry.text }] : codeBlocks(entry.text)).map((block, index) =>
            block.code ? (
              <pre key={index} className={styles['code']}>
                <VisibleText text={block.text} />
              </pre>
            ) : (
              <div key={index} className={styles['words']}>
                <VisibleText text={block.text} />
              </div>
            ),
          )}
          <CutNote shown={entry.text} whole={entry.textLength} />
        </div>
      )}
      {children}
    </div>
  );
}

function ToolCall({ tool, at }: { tool: NonNullable<TranscriptEntry['tool']>; at: string }) {
  return (
    <details className={styles['tool']}>
      <summary>
        <b>{tool.name}</b>
        <span className={styles['gist']}>
          <VisibleText text={gistOf(tool.input)} />
        </span>
        <span className={styles['end']} data-status={tool.status}>
          {{ pending: t('no end yet'), succeeded: t('done'), failed: t('failed') }[tool.status]}
        </span>
        <Clock at={at} />
      </summary>
      <Part title={t('Input')} text={tool.input} whole={tool.inputLength} />
      {tool.status !== 'pending' && <Part title={t('Output')} text={tool.output} whole={tool.outputLength} />}
    </details>
  );
}

function Part({ title, text, whole }: { title: string; text: string; whole: number | undefined }) {
  return (
    <>
      <h3>{title}</h3>
      <pre className={styles['code']} tabIndex={0} aria-label={title}>
        {text === '' ? t('nothing was told') : <VisibleText text={text} />}
      </pre>
      <CutNote shown={text} whole={whole} />
    </>
  );
}

function CutNote({ shown, whole }: { shown: string; whole: number | undefined }) {
  if (whole === undefined) return null;
  return (
    <p className={styles['note']}>
      {rich('The first {count} of {whole} characters.', {
        count: shown.length.toLocaleString(locale),
        whole: whole.toLocaleString(locale),
      })}
    </p>
  );
}

function Clock({ at }: { at: string }) {
  return (
    <time className={styles['at']} dateTime={at} title={dateWords(at)}>
      {clockWords(at)}
    </time>
  );
}

/** The first argument says most: a command, a path. */
function gistOf(input: string): string {
  const [, value] = /^\{\s*"[^"]+": "((?:[^"\\]|\\.)*)"/.exec(input) ?? [];
  return (value === undefined ? input : unquoted(value)).replaceAll(/\s+/g, ' ').slice(0, 200);
}

function unquoted(value: string): string {
  return String(JSON.parse(`"${value}"`));
}
