import type { Dispatch } from 'react';
import type { Problem } from '../../../src/contract/problem.ts';
import type { Workflow } from '../../../src/contract/workflows.ts';
import { Empty } from '../ui/empty.tsx';
import { Icon } from '../ui/icon.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { VersionList } from '../workflows/version-list.tsx';
import type { BuilderAction, BuilderState } from './builder-state.ts';
import type { DocumentFields } from './fields.ts';
import { Inspector } from './inspector.tsx';
import { ProblemPane } from './problem-pane.tsx';
import { TextPane } from './text-pane.tsx';
import { t } from '../words/words.ts';
import styles from './builder.module.css';

export type SideView = 'properties' | 'problems' | 'text' | 'versions';

interface Props {
  state: BuilderState;
  dispatch: Dispatch<BuilderAction>;
  problems: readonly Problem[];
  fields: DocumentFields;
  workflow: Workflow | null;
  readOnly: boolean;
  name: string;
  view: SideView;
  /** On a phone it is a sheet over the canvas. */
  open: boolean;
  onOpen: (open: boolean) => void;
  onView: (view: SideView) => void;
  onShow: (key: string) => void;
  onProblem: (problem: Problem) => void;
}

export function BuilderSide({
  state,
  dispatch,
  problems,
  fields,
  workflow,
  readOnly,
  name,
  view,
  open,
  onOpen,
  onView,
  onShow,
  onProblem,
}: Props) {
  return (
    <aside className={styles['side']} data-open={open} aria-label={t('Details')}>
      <div className={styles['tabs']}>
        <Tabs
          label={t('Details')}
          value={view}
          onChange={(next) => {
            onView(next as SideView); // the tabs have only these
            onOpen(true);
          }}
          tabs={[
            { value: 'properties', label: t('Properties') },
            { value: 'problems', label: t('Problems'), count: problems.length },
            { value: 'text', label: t('Text') },
            { value: 'versions', label: t('Versions') },
          ]}
        />
        <button
          type="button"
          className={styles['handle']}
          aria-expanded={open}
          aria-label={open ? t('Close the details') : t('Open the details')}
          onClick={() => onOpen(!open)}
        >
          <Icon name={open ? 'chevronDown' : 'chevronUp'} />
        </button>
      </div>
      <div className={styles['body']}>
        {view === 'properties' && (
          <Inspector {...{ state, dispatch, problems, fields, readOnly, onShow }} workflowId={workflow?.id ?? null} />
        )}
        {view === 'problems' && <ProblemPane problems={problems} onProblem={onProblem} />}
        {/* Stays, so that text which cannot be read yet is not lost by a look elsewhere. */}
        <div hidden={view !== 'text'}>
          <TextPane
            document={state.document}
            name={name}
            dispatch={dispatch}
            readOnly={readOnly}
            shown={view === 'text'}
          />
        </div>
        {view === 'versions' &&
          (workflow ? (
            <VersionList workflow={workflow} mayPromote={!readOnly} />
          ) : (
            <Empty icon="clock" title={t('Not saved yet')}>
              {t('Every save is a version that stays.')}
            </Empty>
          ))}
      </div>
    </aside>
  );
}
