import { useQuery } from '@tanstack/react-query';
import type { RegisteredGraph } from '../../../src/contract/graphs.ts';
import { graphsQuery } from '../api/queries.ts';
import { useFields } from './field-context.tsx';
import { type FieldProps, FieldRow } from './field-row.tsx';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import styles from './graph-field.module.css';

const WORDS: Record<RegisteredGraph['status'], string> = {
  ready: '',
  unchecked: t(' (not loaded yet)'),
  failed: t(' (cannot be loaded)'),
};

/** Which of the graphs that an administrator has registered; without any, how one is. */
export function GraphField({ path, label, required, hint, value }: FieldProps) {
  const { set, readOnly } = useFields();
  const { data, error } = useQuery(graphsQuery);
  const name = typeof value === 'string' ? value : '';
  const graph = data?.find((each) => each.name === name);
  const foreign = name !== '' && !graph;
  return (
    <FieldRow path={path} label={label} required={required} hint={graph?.description ?? hint}>
      {(given) => (
        <div className={styles['graph']}>
          <select
            {...given}
            disabled={readOnly || !data}
            value={name}
            onChange={(event) => set(path, event.target.value)}
          >
            <option value="">{data || error ? t('Choose a graph…') : t('Loading…')}</option>
            {foreign && (
              <option value={name}>
                {name}
                {data ? t(' (not registered here)') : ''}
              </option>
            )}
            {data?.map((each) => (
              <option key={each.name} value={each.name}>
                {each.name}
                {WORDS[each.status]}
              </option>
            ))}
          </select>
          {graph?.problem && <p data-tone="bad">{graph.problem}</p>}
          {graph?.nodes && <p>{rich('Its nodes: {nodes}', { nodes: <code>{graph.nodes.join(', ')}</code> })}</p>}
          {error && (
            <p data-tone="bad">
              {rich('The registered graphs could not be read: {message}', { message: error.message })}
            </p>
          )}
          {data?.length === 0 && <HowToRegister />}
        </div>
      )}
    </FieldRow>
  );
}

function HowToRegister() {
  return (
    <div className={styles['empty']}>
      <p>
        {rich('{b} An administrator names a module of LangGraph.js in {code} and starts the server again:', {
          b: <b>{t('No graph is registered on this server.')}</b>,
          code: <code>pointsman.yaml</code>,
        })}
      </p>
      <pre tabIndex={0}>{'graphs:\n  review: ./graphs/review.mjs'}</pre>
      <p>
        {rich('The path is from that file; the module exports its graph as {code}.', {
          code: <code>graph</code>,
        })}
      </p>
    </div>
  );
}
