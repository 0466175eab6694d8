import IconButton from '@mui/material/IconButton';
import Tooltip from '@mui/material/Tooltip';
import Button from '@mui/material/Button';
import type { Dispatch } from 'react';
import { modKey } from '../shell/mod-key.ts';
import { Icon, type IconName } from '../ui/icon.tsx';
import type { BuilderAction, BuilderState } from './builder-state.ts';
import { t } from '../words/words.ts';
import { useKeyOf } from '../ui/chosen-keys.ts';
import styles from './builder.module.css';

interface Props {
  state: BuilderState;
  dispatch: Dispatch<BuilderAction>;
  readOnly: boolean;
  onInsert: () => void;
  onFind: () => void;
  onNote: () => void;
  onArrange: () => void;
}

/** What is done to the canvas as a whole. */
export function BuilderToolbar({ state, dispatch, readOnly, onInsert, onFind, onNote, onArrange }: Props) {
  const keyOf = useKeyOf('Workflow builder');
  return (
    <div className={styles['toolbar']} role="toolbar" aria-label={t('Canvas')}>
      {!readOnly && (
        <>
          <Button
            startIcon={<Icon name="plus" />}
            onClick={onInsert}
            title={t('Add a node ({key})', { key: keyOf('n') })}
          >
            {t('Add')}
          </Button>
          <span className={styles['gap']} />
          <Tool
            icon="undo"
            label={t('Undo ({modKey} Z)', { modKey })}
            disabled={state.past.length === 0}
            onClick={() => dispatch({ type: 'undo' })}
          />
          <Tool
            icon="redo"
            label={t('Redo ({modKey} Y)', { modKey })}
            disabled={state.future.length === 0}
            onClick={() => dispatch({ type: 'redo' })}
          />
          <span className={styles['gap']} />
          <Tool icon="arrange" label={t('Arrange all nodes')} onClick={onArrange} />
          <Tool icon="note" label={t('Add a note ({key})', { key: keyOf('c') })} onClick={onNote} />
        </>
      )}
      <Tool icon="search" label={t('Find a node ({key})', { key: keyOf('f') })} onClick={onFind} />
    </div>
  );
}

function Tool({
  icon,
  label,
  disabled = false,
  onClick,
}: {
  icon: IconName;
  label: string;
  disabled?: boolean;
  onClick: () => void;
}) {
  return (
    <Tooltip title={label}>
      {/* A disabled button tells nobody where the pointer is. */}
      <span>
        <IconButton aria-label={label} disabled={disabled} onClick={onClick}>
          <Icon name={icon} size={17} />
        </IconButton>
      </span>
    </Tooltip>
  );
}
