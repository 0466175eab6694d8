import { useMemo } from 'react';
import { VisibleText } from '../ui/visible-text.tsx';
import { type CodeLanguage, highlighted } from './highlight.ts';
import styles from './code-text.module.css';

/** Code with its parts told apart; what cannot be seen in it is made visible. */
export function CodeText({ text, language }: { text: string; language: CodeLanguage }) {
  const parts = useMemo(() => highlighted(text, language), [text, language]);
  return parts.map((part, index) => (
    <span key={index} className={part.kind === 'plain' ? undefined : styles[part.kind]}>
      <VisibleText text={part.text} />
    </span>
  ));
}
