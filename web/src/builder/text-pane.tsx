/** The document as YAML, in step with the canvas: what is typed here is drawn there, and the other way round. */
import Button from '@mui/material/Button';
import { type Dispatch, useEffect, useMemo, useRef, useState } from 'react';
import type { Problem } from '../../../src/contract/problem.ts';
import { LineEditor } from '../definitions/line-editor.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Icon } from '../ui/icon.tsx';
import { inReadingOrder } from '../workflows/document-order.ts';
import { yamlText } from '../workflows/yaml-text.ts';
import type { BuilderAction } from './builder-state.ts';
import type { Doc } from './document.ts';
import type { readYaml } from './read-yaml.ts';
import { saveFile } from '../ui/save-file.ts';
import { t } from '../words/words.ts';
import styles from './text-pane.module.css';

interface Props {
  document: Doc;
  name: string;
  dispatch: Dispatch<BuilderAction>;
  readOnly: boolean;
  /** It stays while another pane is shown. */
  shown: boolean;
}

const PAUSE_MS = 300; // reading a long document for every letter would be felt

export function TextPane({ document, name, dispatch, readOnly, shown }: Props) {
  const written = useMemo(() => yamlText(inReadingOrder(document)), [document]);
  /** What a person typed; it counts as long as the document says the same as when it was read. */
  const [typed, setTyped] = useState<{ text: string; of: Doc } | null>(null);
  const [wrong, setWrong] = useState<{ text: string; problem: Problem } | null>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  const current = useRef(document);
  /** Of YAML; comes when the text is first looked at. */
  const [reader, setReader] = useState<typeof readYaml | null>(null);
  const mine = typed !== null && typed.of === document;
  const text = mine ? typed.text : written;

  useEffect(() => {
    current.current = document;
  });
  useEffect(() => {
    if (shown) void import('./read-yaml.ts').then((module) => setReader(() => module.readYaml));
  }, [shown]);
  useEffect(() => {
    if (typed === null || typed.of !== current.current || typed.text === yamlText(inReadingOrder(typed.of)))
      return undefined;
    let over = false;
    const read = (): void => {
      if (over || reader === null || typed.of !== current.current) return;
      over = true;
      const outcome = reader(typed.text);
      if (outcome.outcome === 'problem') return setWrong({ text: typed.text, problem: outcome.problem });
      setWrong(null);
      if (JSON.stringify(outcome.document) === JSON.stringify(current.current)) return;
      setTyped({ text: typed.text, of: outcome.document });
      dispatch({ type: 'edit', edit: { type: 'replace', document: outcome.document }, merge: 'text' });
    };
    const timer = setTimeout(read, PAUSE_MS);
    // Whoever goes on elsewhere within the pause edits the document that says what was typed.
    window.addEventListener('pointerdown', read, true);
    window.addEventListener('focusin', read, true);
    return () => {
      over = true;
      clearTimeout(timer);
      window.removeEventListener('pointerdown', read, true);
      window.removeEventListener('focusin', read, true);
    };
  }, [typed, dispatch, reader]);

  return (
    <div className={styles['pane']}>
      <div className={styles['bar']}>
        <span>YAML</span>
        <CopyButton text={text} />
        <Button startIcon={<Icon name="download" />} onClick={() => saveFile(`${name}.yaml`, text)}>
          {t('Export')}
        </Button>
      </div>
      <LineEditor
        label={t('Document as YAML')}
        value={text}
        onChange={(next) => setTyped({ text: next, of: document })}
        readOnly={readOnly}
        problems={wrong?.text === text ? [wrong.problem] : []}
        field={area}
      />
    </div>
  );
}
