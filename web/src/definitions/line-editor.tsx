import { type RefObject, useId } from 'react';
import type { Problem } from '../../../src/contract/problem.ts';
import { Icon } from '../ui/icon.tsx';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import styles from './line-editor.module.css';

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  readOnly?: boolean;
  problems: readonly Problem[];
  field: RefObject<HTMLTextAreaElement | null>;
}

/** Plain text with the numbers of its lines; a problem marks its line, and leads there. */
export function LineEditor({ label, value, onChange, readOnly = false, problems, field }: Props) {
  const id = useId();
  const lines = value.split('\n');
  const marked = new Set(problems.map(({ line }) => line));
  function goTo(line: number): void {
    const start = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
    field.current?.focus();
    field.current?.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
  }
  return (
    <div className={styles['editor']}>
      {problems.length > 0 && (
        <ul className={styles['problems']} id={`${id}-problems`} aria-label={t('What is wrong')}>
          {problems.map((problem, index) => (
            <li key={index}>
              <Icon name="alert" size={14} />
              {problem.line === undefined ? (
                <span>{problem.message}</span>
              ) : (
                <>
                  <button type="button" onClick={() => goTo(problem.line ?? 1)}>
                    {rich('Line {line}', { line: problem.line })}
                  </button>
                  <span>{problem.message}</span>
                </>
              )}
            </li>
          ))}
        </ul>
      )}
      <div className={styles['scroll']}>
        <div className={styles['numbers']} aria-hidden="true">
          {lines.map((_line, index) => (
            <span key={index} data-marked={marked.has(index + 1)}>
              {index + 1}
            </span>
          ))}
        </div>
        <textarea
          ref={field}
          aria-label={label}
          aria-invalid={problems.length > 0}
          aria-describedby={problems.length > 0 ? `${id}-problems` : undefined}
          value={value}
          readOnly={readOnly}
          // Its own size holds every line, so that one thing scrolls and the numbers stay beside their lines.
          rows={Math.max(lines.length, MIN_LINES)}
          cols={Math.max(...lines.map((line) => line.length), 20)}
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          wrap="off"
          onChange={(event) => onChange(event.target.value)}
        />
      </div>
    </div>
  );
}

const MIN_LINES = 12; // so that a short file is not a slit
