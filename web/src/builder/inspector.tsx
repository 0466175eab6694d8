/** What is selected, field by field; with nothing selected, the workflow itself. */
import { type Dispatch, useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import type { Problem } from '../../../src/contract/problem.ts';
import { Icon } from '../ui/icon.tsx';
import { nodeIcon } from '../workflows/node-look.ts';
import type { BuilderAction, BuilderState } from './builder-state.ts';
import { edgesOf, groupsOf, nodeOf, nodesOf, notesOf, type Part, pointer } from './document.ts';
import { type FieldContext, FieldsAround } from './field-context.tsx';
import { FieldNote } from './field-row.tsx';
import { FieldList } from './field-view.tsx';
import type { DocumentFields } from './fields.ts';
import { knownAt } from './known-names.ts';
import { kindLabel } from './node-kinds.ts';
import { NodeEdges } from './node-edges.tsx';
import { NodeId } from './node-id.tsx';
import { problemsBeside } from './problem-places.ts';
import { SelectionActions } from './selection-actions.tsx';
import { lastExecutionQuery } from '../api/queries.ts';
import { useAgents, useWorkflows } from '../live/use-topic.ts';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import styles from './inspector.module.css';
import fieldStyles from './fields.module.css';

interface Props {
  state: BuilderState;
  dispatch: Dispatch<BuilderAction>;
  problems: readonly Problem[];
  fields: DocumentFields;
  workflowId: string | null;
  readOnly: boolean;
  onShow: (key: string) => void;
}

export function Inspector({ state, dispatch, problems, fields, workflowId, readOnly, onShow }: Props) {
  const { document, selection } = state;
  const agents = useAgents().data ?? [];
  const workflows = useWorkflows().data ?? [];
  const last = useQuery({ ...lastExecutionQuery(workflowId ?? ''), enabled: workflowId !== null }).data ?? null;
  const [only] = selection.size === 1 ? [...selection] : [];
  const nodeId = only?.startsWith('node:') ? only.slice('node:'.length) : null;
  const edgeIndex = only?.startsWith('edge:') ? Number(only.slice('edge:'.length)) : null;
  const { known, items } = knownAt(document, { nodeId, edgeIndex }, last);
  const context: FieldContext = {
    set: (path, value) =>
      dispatch({
        type: 'edit',
        edit: { type: 'set', path, value },
        merge: `set ${pointer(path)}`,
      }),
    problems,
    fields,
    known,
    items,
    agents,
    workflows: workflows.map(({ name }) => name),
    execution: last && { id: last.id, name: last.name },
    readOnly,
  };
  return (
    <FieldsAround value={context}>
      <div
        className={styles['inspector']}
        data-inspector
        onKeyDown={(event) => {
          // Back to what is being described; a list of completions closes first.
          if (event.key !== 'Escape' || only === undefined) return;
          globalThis.document.querySelector<HTMLElement>(`[data-id="${only}"]`)?.focus();
        }}
      >
        {selection.size > 1 ? (
          <SelectionActions state={state} dispatch={dispatch} readOnly={readOnly} />
        ) : nodeId !== null ? (
          <NodePart key={nodeId} {...{ id: nodeId, state, dispatch, problems, fields, readOnly, onShow }} />
        ) : edgeIndex !== null ? (
          <EdgePart key={edgeIndex} {...{ index: edgeIndex, state, dispatch, problems, fields, readOnly, onShow }} />
        ) : only !== undefined ? (
          <MarkPart key={only} {...{ mark: only, state, dispatch, readOnly }} />
        ) : (
          <DocumentPart {...{ state, problems, fields }} />
        )}
      </div>
    </FieldsAround>
  );
}

type PartProps = Omit<Props, 'workflowId'>;

function NodePart({ id, state, dispatch, problems, fields, readOnly, onShow }: PartProps & { id: string }) {
  const found = nodeOf(state.document, id);
  const [open, setOpen] = useState(false);
  if (!found) return null;
  const { index, node } = found;
  const type = String(node['type']);
  const path = ['nodes', index];
  const config = fields.config.get(type) ?? [];
  const options = (fields.options.get(type) ?? []).filter(({ name }) => name !== 'name');
  const name = (fields.options.get(type) ?? []).filter((field) => field.name === 'name');
  const shown = [
    ...config.map((field) => pointer([...path, 'config', field.name])),
    ...[...options, ...name].map((field) => pointer([...path, field.name])),
    pointer([...path, 'id']),
  ];
  const used = options.some((field) => node[field.name] !== undefined);
  return (
    <>
      <h2>
        <Icon name={nodeIcon(type)} size={17} />
        {kindLabel(type)}
        {!readOnly && (
          <button
            type="button"
            aria-label={t('Delete the node')}
            title={t('Delete (Del)')}
            onClick={() => dispatch({ type: 'edit', edit: { type: 'remove', keys: new Set([`node:${id}`]) } })}
          >
            <Icon name="trash" />
          </button>
        )}
      </h2>
      <FieldNote problems={problemsBeside(problems, pointer(path), shown)} />
      <div className={styles['two']}>
        <NodeId id={id} index={index} state={state} dispatch={dispatch} readOnly={readOnly} />
        <FieldList fields={name} whole={node} path={path} />
      </div>
      <FieldList fields={config} whole={node['config']} path={[...path, 'config']} />
      <NodeEdges {...{ id, state, dispatch, problems, readOnly, onShow }} />
      <details
        className={fieldStyles['object']}
        open={open || used}
        onToggle={(event) => setOpen(event.currentTarget.open)}
      >
        <summary>{t('Options')}</summary>
        <div>
          <FieldList fields={options} whole={node} path={path} />
        </div>
      </details>
    </>
  );
}

function EdgePart({ index, state, dispatch, problems, fields, readOnly, onShow }: PartProps & { index: number }) {
  const found = edgesOf(state.document).find((edge) => edge.index === index);
  if (!found) return null;
  const { from, to, edge } = found;
  const path = ['edges', index];
  return (
    <>
      <h2>
        <Icon name="arrowRight" size={17} />
        {t('Edge')}
        {!readOnly && (
          <button
            type="button"
            aria-label={t('Delete the edge')}
            title={t('Delete (Del)')}
            onClick={() => dispatch({ type: 'edit', edit: { type: 'remove', keys: new Set([`edge:${index}`]) } })}
          >
            <Icon name="trash" />
          </button>
        )}
      </h2>
      <p className={styles['ends']}>
        <button type="button" onClick={() => onShow(`node:${from}`)}>
          {from}
        </button>
        <Icon name="arrowRight" size={14} />
        <button type="button" onClick={() => onShow(`node:${to}`)}>
          {to}
        </button>
      </p>
      <FieldNote
        problems={problemsBeside(
          problems,
          pointer(path),
          fields.edge.map((field) => pointer([...path, field.name])),
        )}
      />
      <FieldList fields={fields.edge} whole={edge} path={path} />
    </>
  );
}

/** A note or a group: only people see them. */
function MarkPart({
  mark,
  state,
  dispatch,
  readOnly,
}: { mark: string } & Pick<Props, 'state' | 'dispatch' | 'readOnly'>) {
  const note = notesOf(state.document).find(({ id }) => mark === `note:${id}`);
  const group = groupsOf(state.document).find(({ id }) => mark === `group:${id}`);
  if (note)
    return (
      <>
        <h2>
          <Icon name="note" size={17} /> {t('Note')}
        </h2>
        <div className={fieldStyles['field']}>
          <label htmlFor="note-text">{t('Text')}</label>
          <textarea
            id="note-text"
            rows={6}
            readOnly={readOnly}
            value={note.text}
            onChange={({ target }) =>
              dispatch({
                type: 'edit',
                edit: { type: 'set-note', id: note.id, text: target.value },
                merge: `note ${note.id}`,
              })
            }
          />
        </div>
        <p className={fieldStyles['quiet']}>{t('Notes are for people; they change nothing that runs.')}</p>
      </>
    );
  if (!group) return null;
  return (
    <>
      <h2>
        <Icon name="group" size={17} /> {t('Group')}
      </h2>
      <div className={fieldStyles['field']}>
        <label htmlFor="group-title">{t('Title')}</label>
        <input
          id="group-title"
          readOnly={readOnly}
          value={group.title}
          onChange={({ target }) =>
            dispatch({
              type: 'edit',
              edit: { type: 'set-group', id: group.id, title: target.value },
              merge: `group ${group.id}`,
            })
          }
        />
      </div>
      <p className={fieldStyles['quiet']}>
        {rich('Around {nodes}. Drag the title to move them together; the group changes nothing that runs.', {
          nodes: group.nodes.join(', '),
        })}
      </p>
      {!readOnly && (
        <button
          type="button"
          className={fieldStyles['link']}
          onClick={() => dispatch({ type: 'edit', edit: { type: 'ungroup', id: group.id } })}
        >
          {t('Take the group apart')}
        </button>
      )}
    </>
  );
}

function DocumentPart({ state, problems, fields }: Pick<Props, 'state' | 'problems' | 'fields'>) {
  const count = nodesOf(state.document).length;
  const whole: Part = state.document;
  return (
    <>
      <h2>
        <Icon name="workflow" size={17} /> {t('Workflow')}
      </h2>
      <FieldNote
        problems={problems.filter(
          ({ path, nodeId }) =>
            nodeId === undefined && !/^\/(?:edges\/\d|inputs|outputs|workspace|budget|triggers)/.test(path),
        )}
        hint={count === 0 ? undefined : t('Select a node or an edge to change it.')}
      />
      <FieldList fields={fields.document} whole={whole} path={[]} />
    </>
  );
}
