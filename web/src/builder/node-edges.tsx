import type { Dispatch } from 'react';
import type { Problem } from '../../../src/contract/problem.ts';
import { Icon } from '../ui/icon.tsx';
import type { BuilderAction, BuilderState } from './builder-state.ts';
import { edgesOf, nodesOf, type Part } from './document.ts';
import { edgesWithErrors } from './problem-places.ts';
import { t } from '../words/words.ts';
import styles from './inspector.module.css';

interface Props {
  id: string;
  state: BuilderState;
  dispatch: Dispatch<BuilderAction>;
  problems: readonly Problem[];
  readOnly: boolean;
  onShow: (key: string) => void;
}

/** The edges of a node, and a way to draw one without a mouse. */
export function NodeEdges({ id, state, dispatch, problems, readOnly, onShow }: Props) {
  const edges = edgesOf(state.document).filter(({ from, to }) => from === id || to === id);
  const wrong = edgesWithErrors(problems);
  const linked = new Set(edges.flatMap(({ from, to }) => (from === id ? [to] : [])));
  const others = nodesOf(state.document).filter((node) => !linked.has(node.id) && node.id !== id);
  return (
    <section className={styles['edges']}>
      <h3>{t('Edges')}</h3>
      {edges.length > 0 && (
        <ul>
          {edges.map(({ index, from, to, edge }) => (
            <li key={index}>
              <button type="button" onClick={() => onShow(`edge:${index}`)} data-wrong={wrong.has(index)}>
                <span>{from === id ? t('to') : t('from')}</span>
                <b>{from === id ? to : from}</b>
                <span>{ruleOf(edge)}</span>
                {wrong.has(index) && <Icon name="alert" size={13} />}
              </button>
            </li>
          ))}
        </ul>
      )}
      {!readOnly && others.length > 0 && (
        <select
          aria-label={t('Add edge to')}
          value=""
          onChange={({ target }) => {
            if (target.value === '') return;
            dispatch({ type: 'edit', edit: { type: 'connect', from: id, to: target.value } });
          }}
        >
          <option value="">{t('Add edge to…')}</option>
          {others.map((node) => (
            <option key={node.id} value={node.id}>
              {node.id}
            </option>
          ))}
        </select>
      )}
    </section>
  );
}

function ruleOf(edge: Part): string {
  return [
    typeof edge['on'] === 'string' && edge['on'] !== 'success' ? t('on {edge}', { edge: edge['on'] }) : '',
    typeof edge['when'] === 'string' ? t('when {edge}', { edge: edge['when'] }) : '',
    edge['otherwise'] === true ? 'otherwise' : '',
    typeof edge['max'] === 'number' ? t('at most {edge} times', { edge: edge['max'] }) : '',
  ]
    .filter(Boolean)
    .join(', ');
}
