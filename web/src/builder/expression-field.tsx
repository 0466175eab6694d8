import { type KeyboardEvent, useId, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { type Completions, completionsAt } from './completion.ts';
import { type Path, pointer } from './document.ts';
import { ExpressionPreview } from './expression-preview.tsx';
import { useFields } from './field-context.tsx';
import { FieldNote } from './field-row.tsx';
import { problemsAt } from './problem-places.ts';
import { t } from '../words/words.ts';
import styles from './fields.module.css';

interface Props {
  path: Path;
  label: string;
  required?: boolean;
  hint: string;
  /** An expression; text with `{{ }}` in it; or text in which they mean nothing. */
  kind: 'expression' | 'template' | 'plain';
  value: string;
  long?: boolean;
  hideLabel?: boolean;
  onChange: (value: string) => void;
}

/** Text in which expressions are completed while they are typed, and tried on the last execution's data. */
export function ExpressionField({ path, label, required, hint, kind, value, long, hideLabel, onChange }: Props) {
  const id = useId();
  const { known, problems, readOnly } = useFields();
  const area = useRef<HTMLTextAreaElement>(null);
  const [focused, setFocused] = useState(false);
  const [offered, setOffered] = useState<(Completions & { at: number }) | null>(null);
  const wrong = problemsAt(problems, pointer(path));

  function offer(text: string, caret: number, asked: boolean): void {
    const found = kind === 'plain' ? null : completionsAt(text, caret, kind, known, asked);
    setOffered(found && { ...found, at: 0 });
  }
  function take(index: number): void {
    const option = offered?.options[index];
    const field = area.current;
    if (!offered || !option || !field) return;
    const inserted = option.more ? `${option.text}.` : option.text;
    const next = value.slice(0, offered.from) + inserted + value.slice(field.selectionStart);
    // At once: the caret has to stand behind it before the next letter comes.
    flushSync(() => onChange(next));
    const caret = offered.from + inserted.length;
    field.focus();
    field.setSelectionRange(caret, caret);
    offer(next, caret, false);
  }
  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>): void {
    if (event.key === ' ' && event.ctrlKey) {
      event.preventDefault();
      return offer(value, event.currentTarget.selectionStart, true);
    }
    if (!offered) return;
    const count = offered.options.length;
    if (event.key === 'ArrowDown') setOffered({ ...offered, at: (offered.at + 1) % count });
    else if (event.key === 'ArrowUp') setOffered({ ...offered, at: (offered.at - 1 + count) % count });
    else if (event.key === 'Enter' || event.key === 'Tab') take(offered.at);
    else if (event.key === 'Escape') setOffered(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    <div className={styles['field']} data-field={pointer(path)}>
      <label htmlFor={id} className={hideLabel ? 'sr-only' : undefined}>
        {label}
        {required && !hideLabel && <span> {t('needed')}</span>}
      </label>
      <div className={styles['expression']} data-kind={kind}>
        {kind === 'expression' && (
          <span className={styles['sign']} aria-hidden="true">
            =
          </span>
        )}
        <textarea
          id={id}
          ref={area}
          rows={long ? 4 : 1}
          data-long={long === true}
          spellCheck={false}
          autoComplete="off"
          autoCapitalize="off"
          readOnly={readOnly}
          role="combobox"
          aria-autocomplete="list"
          aria-expanded={offered !== null}
          aria-controls={`${id}-list`}
          aria-activedescendant={offered ? `${id}-${offered.at}` : undefined}
          aria-invalid={wrong.some(({ severity }) => severity === 'error')}
          aria-describedby={`${id}-note`}
          value={value}
          onFocus={() => setFocused(true)}
          onBlur={() => {
            setFocused(false);
            setOffered(null);
          }}
          onKeyDown={onKeyDown}
          onChange={(event) => {
            onChange(event.target.value);
            offer(event.target.value, event.target.selectionStart, false);
          }}
        />
        <div
          id={`${id}-list`}
          role="listbox"
          aria-label={t('Completions')}
          className={styles['completions']}
          hidden={!offered}
        >
          {offered?.options.map((option, index) => (
            <div
              key={option.text}
              id={`${id}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === offered.at}
              // Before the field loses the focus.
              onMouseDown={(event) => {
                event.preventDefault();
                take(index);
              }}
            >
              <code>{option.text}</code>
              <span>{option.note}</span>
            </div>
          ))}
        </div>
      </div>
      <FieldNote id={`${id}-note`} problems={wrong} hint={hint} />
      {focused && kind !== 'plain' && <ExpressionPreview text={value} kind={kind} />}
    </div>
  );
}
