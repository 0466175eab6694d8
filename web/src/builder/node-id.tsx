import { type Dispatch, useState } from 'react';
import type { BuilderAction, BuilderState } from './builder-state.ts';
import { nodesOf } from './document.ts';
import { FieldNote, FieldRow } from './field-row.tsx';
import { idProblem } from './names.ts';
import { t } from '../words/words.ts';

interface Props {
  id: string;
  index: number;
  state: BuilderState;
  dispatch: Dispatch<BuilderAction>;
  readOnly: boolean;
}

/** The id, changed as a whole: everything that reads the node follows. */
export function NodeId({ id, index, state, dispatch, readOnly }: Props) {
  const [typed, setTyped] = useState(id);
  const taken = new Set(nodesOf(state.document).flatMap((node) => (node.id === id ? [] : [node.id])));
  const problem = typed === id ? null : idProblem(typed, taken);
  function rename(): void {
    if (problem !== null) return setTyped(id);
    if (typed !== id) dispatch({ type: 'edit', edit: { type: 'rename', from: id, to: typed } });
  }
  return (
    <FieldRow path={['nodes', index, 'id']} label={t('Id')}>
      {(given) => (
        <>
          <input
            {...given}
            aria-invalid={given['aria-invalid'] || problem !== null}
            value={typed}
            spellCheck={false}
            autoComplete="off"
            readOnly={readOnly}
            onChange={(event) => setTyped(event.target.value)}
            onBlur={rename}
            onKeyDown={(event) => {
              if (event.key === 'Enter') rename();
              if (event.key === 'Escape') setTyped(id);
            }}
          />
          {problem && <FieldNote problems={[{ path: '', code: 'ID', message: problem, severity: 'error' }]} />}
        </>
      )}
    </FieldRow>
  );
}
