/** The workflow builder: palette, canvas, inspector and text around one document. */
import Button from '@mui/material/Button';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useMemo, useReducer, useRef, useState } from 'react';
import type { Workflow } from '../../../src/contract/workflows.ts';
import type { Problem } from '../../../src/contract/problem.ts';
import { workflowQuery, workflowSchemaQuery } from '../api/queries.ts';
import { request } from '../api/request.ts';
import { useWorkflows } from '../live/use-topic.ts';
import { Page } from '../shell/page.tsx';
import { Loading } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Icon } from '../ui/icon.tsx';
import { StatusBadge } from '../ui/status-badge.tsx';
import { toast } from '../ui/toasts.ts';
import { UnsavedGuard } from '../ui/unsaved-guard.tsx';
import { ExecuteDialog } from '../workflows/execute-dialog.tsx';
import type { Point } from '../workflows/graph-drawing.ts';
import { nodeIcon } from '../workflows/node-look.ts';
import { beginWith, builderReducer, isChanged } from './builder-state.ts';
import { BuilderSide, type SideView } from './builder-side.tsx';
import { BuilderToolbar } from './builder-toolbar.tsx';
import { Canvas, type CanvasFlow, FIT } from './canvas.tsx';
import { type Doc, nodesOf } from './document.ts';
import { keyOf } from './edits.ts';
import { documentFields } from './fields.ts';
import { InsertList } from './insert-list.tsx';
import { kindLabel, NODE_KINDS } from './node-kinds.ts';
import { Palette } from './palette.tsx';
import { keyForProblem } from './problem-places.ts';
import { reveal } from './reveal.ts';
import { SaveDialog } from './save-dialog.tsx';
import { useBuilderKeys } from './use-builder-keys.ts';
import { useValidation } from './use-validation.ts';
import { rich } from '../words/rich.ts';
import { plural, t } from '../words/words.ts';
import { useKeyOf } from '../ui/chosen-keys.ts';
import styles from './builder.module.css';

interface Props {
  /** The saved one, or what a new one begins with. */
  workflow: Workflow | null;
  beginning: Doc;
  readOnly: boolean;
  /** It has an id now, and is about to get its address. */
  onFirstSave: (id: string) => void;
}

type Open = 'save' | 'save-and-execute' | 'execute' | 'insert' | 'find' | null;

export function Builder({ workflow: given, beginning, readOnly, onFirstSave }: Props) {
  const shortcut = useKeyOf('Workflow builder');
  const [state, dispatch] = useReducer(builderReducer, beginning, beginWith);
  const [base, setBase] = useState(given);
  const [open, setOpen] = useState<Open>(null);
  const [view, setView] = useState<SideView>('properties');
  const [sheet, setSheet] = useState(false);
  const [after, setAfter] = useState<{ id: string; at: Point } | null>(null);
  const flow = useRef<CanvasFlow | null>(null);
  const navigate = useNavigate();
  const client = useQueryClient();
  const schema = useQuery(workflowSchemaQuery);
  const fields = useMemo(() => (schema.data ? documentFields(schema.data) : null), [schema.data]);
  const validation = useValidation(state.document);
  const { problems } = validation;
  const newest = useWorkflows().data?.find(({ id }) => id === base?.id) ?? base;
  const changed = base === null ? state.past.length > 0 || nodesOf(state.document).length > 0 : isChanged(state);
  const name =
    typeof state.document['name'] === 'string' && state.document['name'] ? state.document['name'] : t('Untitled');
  const [selectedNode] = [...state.selection].filter((key) => key.startsWith('node:'));

  const show = (key: string): void => {
    dispatch({ type: 'select', selection: new Set([key]) });
    setView('properties');
    reveal(flow.current, key);
  };
  const insert = (nodeType: string, keyboard: boolean): void => {
    const from = after?.id ?? (state.selection.size === 1 && selectedNode ? selectedNode.slice('node:'.length) : null);
    dispatch({ type: 'edit', edit: { type: 'add-node', nodeType, at: after?.at ?? null, after: from } });
    setAfter(null);
    setView('properties');
    focusNext.current = keyboard;
    revealNext.current = true;
  };
  /** What was put in by the keyboard is filled in next, so the focus goes to its first field. */
  const focusNext = useRef(false);
  const revealNext = useRef(false);
  useEffect(() => {
    if (!revealNext.current) return;
    revealNext.current = false;
    const [key] = state.selection;
    if (key) reveal(flow.current, key);
    if (!focusNext.current) return;
    focusNext.current = false;
    focusField('/config/');
  }, [state.selection]);

  const place = (): Point => {
    const box = document.querySelector('[data-canvas]')?.getBoundingClientRect();
    const middle = box ? { x: box.left + box.width / 2 - 100, y: box.top + box.height / 2 - 60 } : { x: 0, y: 0 };
    return flow.current?.screenToFlowPosition(middle) ?? { x: 0, y: 0 };
  };
  const note = (): void => {
    dispatch({ type: 'edit', edit: { type: 'add-note', at: place() } });
    setView('properties');
  };
  const execute = (): void => {
    if (!readOnly && (changed || base === null)) setOpen('save-and-execute');
    else if (base && !base.draft) setOpen('execute');
  };
  const save = (): void => {
    if (!readOnly && changed) setOpen('save');
    else toast(t('Everything is saved'), { tone: 'info' });
  };
  useBuilderKeys({
    state,
    dispatch,
    readOnly,
    onSave: save,
    onInsert: () => setOpen('insert'),
    onFind: () => setOpen('find'),
    onExecute: execute,
    onNote: note,
  });

  function saved(workflow: Workflow): void {
    client.setQueryData(workflowQuery(workflow.id).queryKey, workflow);
    dispatch({ type: 'saved', document: state.document });
    toast(
      workflow.draft
        ? t('Draft saved as version {version}', { version: workflow.version })
        : t('Version {version} is saved and live', { version: workflow.version }),
    );
    const first = base === null;
    setBase(workflow);
    setOpen(open === 'save-and-execute' && !workflow.draft ? 'execute' : null);
    if (!first) return;
    onFirstSave(workflow.id);
    void navigate({ to: '/workflows/$id/edit', params: { id: workflow.id }, replace: true, ignoreBlocker: true });
  }

  async function loadNewest(): Promise<void> {
    if (!base) return;
    const now = await request('GET /api/workflows/{id}', { params: { id: base.id } });
    setBase(now);
    dispatch({ type: 'load', document: now.document });
    setOpen(null);
    requestAnimationFrame(() => void flow.current?.fitView(FIT));
  }

  function showProblem(problem: Problem): void {
    const key = keyForProblem(problem);
    if (key) show(key);
    else {
      dispatch({ type: 'select', selection: new Set() });
      setView('properties');
    }
    focusField(problem.path);
  }

  const errors = problems.filter(({ severity }) => severity === 'error').length;
  return (
    <Page
      title={name}
      back={{ to: '/workflows', label: t('Workflows') }}
      status={
        <StatusBadge
          look={
            nodesOf(state.document).length === 0
              ? { word: t('Empty'), icon: 'ring', tone: 'quiet' }
              : errors > 0
                ? { word: plural(errors, 'error'), icon: 'alert', tone: 'bad' }
                : {
                    word: validation.settled ? t('Valid') : t('Checking'),
                    icon: validation.settled ? 'check' : 'clock',
                    tone: validation.settled ? 'ok' : 'quiet',
                  }
          }
        />
      }
      actions={
        <>
          <span className={styles['saved']} role="status">
            {readOnly
              ? t('You may look, not change')
              : changed
                ? t('Not saved yet')
                : base
                  ? t('Version {version}{value}', { version: base.version, value: base.draft ? t(', draft') : '' })
                  : ''}
          </span>
          {base && (
            <Button onClick={() => void navigate({ to: '/workflows/$id', params: { id: base.id } })}>
              {t('Executions')}
            </Button>
          )}
          {!readOnly && (
            <Button
              startIcon={<Icon name="play" />}
              disabled={errors > 0 || (!changed && (base === null || base.draft))}
              onClick={execute}
              title={t('Execute ({key})', { key: shortcut('e') })}
            >
              {t('Execute')}
            </Button>
          )}
          {!readOnly && (
            <Button variant="contained" color="primary" disabled={!changed} onClick={save} title={t('Save (Ctrl S)')}>
              {errors > 0 ? t('Save draft') : t('Save')}
            </Button>
          )}
        </>
      }
    >
      {newest && base && newest.version > base.version && (
        <p className={styles['meanwhile']} role="status">
          <span>
            {rich('Version {version} was saved by {createdBy} while you are here with version {version2}.', {
              version: newest.version,
              createdBy: newest.createdBy,
              version2: base.version,
            })}
          </span>
          <Button onClick={() => void loadNewest()}>{changed ? t('Give mine up and load it') : t('Load it')}</Button>
        </p>
      )}
      {schema.error ? (
        <ErrorNote error={schema.error} onRetry={() => void schema.refetch()} />
      ) : !fields ? (
        <Loading rows={9} label={t('Loading the builder')} />
      ) : (
        <div className={styles['builder']} data-read-only={readOnly}>
          {!readOnly && <Palette onInsert={(type) => insert(type, false)} />}
          <div className={styles['middle']}>
            <BuilderToolbar
              state={state}
              dispatch={dispatch}
              readOnly={readOnly}
              onInsert={() => setOpen('insert')}
              onFind={() => setOpen('find')}
              onNote={note}
              onArrange={() => {
                dispatch({ type: 'edit', edit: { type: 'arrange' } });
                requestAnimationFrame(() => void flow.current?.fitView(FIT));
              }}
            />
            <div className={styles['canvas']}>
              <Canvas
                state={state}
                dispatch={dispatch}
                problems={problems}
                flowRef={flow}
                onInsert={(id, at) => {
                  setAfter({ id, at });
                  setOpen('insert');
                }}
              />
              {nodesOf(state.document).length === 0 && !readOnly && (
                <div className={styles['first']}>
                  <h2>{t('Put in the first node')}</h2>
                  <p>
                    {rich(
                      'Drag one from the left, or press {kbd}. The next one is connected to the one that is selected.',
                      { kbd: <kbd>{shortcut('n').toUpperCase()}</kbd> },
                    )}
                  </p>
                  <Button
                    variant="contained"
                    color="primary"
                    startIcon={<Icon name="plus" />}
                    onClick={() => setOpen('insert')}
                  >
                    {t('Add a node')}
                  </Button>
                </div>
              )}
            </div>
          </div>
          <BuilderSide
            {...{ state, dispatch, problems, fields, readOnly, view, name }}
            workflow={newest}
            open={sheet}
            onOpen={setSheet}
            onView={setView}
            onShow={show}
            onProblem={showProblem}
          />
        </div>
      )}
      {(open === 'save' || open === 'save-and-execute') && (
        <SaveDialog
          document={state.document}
          base={base}
          validation={validation}
          toExecute={open === 'save-and-execute'}
          onSaved={saved}
          onLoadTheirs={() => void loadNewest()}
          onClose={() => setOpen(null)}
        />
      )}
      {open === 'execute' && base && (
        <ExecuteDialog workflow={base} version={base.version} onClose={() => setOpen(null)} />
      )}
      {open === 'insert' && (
        <InsertList
          label={t('Add a node')}
          placeholder={t('Which kind of node?')}
          choices={NODE_KINDS.map((kind) => ({
            key: kind.type,
            label: kind.label,
            note: kind.what,
            words: `${kind.type} ${kind.words}`,
            icon: nodeIcon(kind.type),
          }))}
          onChoose={(type) => insert(type, true)}
          onClose={() => setOpen(null)}
        />
      )}
      {open === 'find' && (
        <InsertList
          label={t('Find a node')}
          placeholder={t('Id, name, or anything its fields say')}
          choices={nodesOf(state.document).map(({ id, node }) => ({
            key: keyOf('node', id),
            label: id,
            note: typeof node['name'] === 'string' ? node['name'] : kindLabel(String(node['type'])),
            words: JSON.stringify(node),
            icon: nodeIcon(String(node['type'])),
          }))}
          onChoose={show}
          onClose={() => setOpen(null)}
        />
      )}
      <UnsavedGuard dirty={!readOnly && changed && open !== 'execute'} />
    </Page>
  );
}

/** Once it is drawn: the field at this place, else the first one below it. */
function focusField(place: string): void {
  requestAnimationFrame(() => {
    const inspector = document.querySelector('[data-inspector]');
    const all = [...(inspector?.querySelectorAll<HTMLElement>('[data-field]') ?? [])];
    const at =
      all.findLast(({ dataset }) => place.startsWith(dataset['field'] ?? '?')) ??
      all.find(({ dataset }) => dataset['field']?.includes(place));
    at?.querySelector<HTMLElement>('input, select, textarea')?.focus();
  });
}
