import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { request } from '../api/request.ts';
import { useFields } from './field-context.tsx';
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
        gives <b>{TYPE_WORDS[data.type] ?? data.type}</b>
        {data.outcome === 'value' && execution && ' · in the last execution'}
        {data.outcome === 'checked' && ' · its value is shown here once it was executed'}
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
  bool: 'true or false',
  string: 'text',
  int: 'a whole number',
  double: 'a number',
  dyn: 'any value',
  list: 'a list',
  map: 'a map',
};

function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
