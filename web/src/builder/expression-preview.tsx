import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { request } from '../api/request.ts';
import { useFields } from './field-context.tsx';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import styles from './fields.module.css';

const PAUSE_MS = 250; // between two letters nobody wants to know

/** What it gives, on the data of the last execution. */
export function ExpressionPreview({ text, kind }: { text: string; kind: 'expression' | 'template' }) {
  const { execution, items } = useFields();
  const settled = useSettled(text);
  const worth = settled.trim() !== '' && (kind === 'expression' || settled.includes('{{'));
  const { data } = useQuery({
    queryKey: ['preview', kind, settled, execution?.id ?? '', items],
    queryFn: ({ signal }) =>
      request('POST /api/workflows/preview', {
        body: { text: settled, kind, items: [...items], ...(execution ? { executionId: execution.id } : {}) },
        signal,
      }),
    enabled: worth,
    retry: false,
    staleTime: 30_000,
    placeholderData: (before) => before,
  });
  if (!worth || !data || data.outcome === 'invalid') return null;
  return (
    <div className={styles['preview']} data-outcome={data.outcome} role="status">
      <p>
        {rich('gives {TYPE_WORDS}', { TYPE_WORDS: <b>{TYPE_WORDS[data.type] ?? data.type}</b> })}
        {data.outcome === 'value' && execution && t(' · in the last execution')}
        {data.outcome === 'checked' && t(' · its value is shown here once it was executed')}
      </p>
      {data.outcome === 'value' && (
        <pre>
          {data.json}
          {data.cut ? '…' : ''}
        </pre>
      )}
      {data.outcome === 'failed' && <p>{data.message}</p>}
    </div>
  );
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  bool: t('true or false'),
  string: t('text'),
  int: t('a whole number'),
  double: t('a number'),
  dyn: t('any value'),
  list: t('a list'),
  map: t('a map'),
};

function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
