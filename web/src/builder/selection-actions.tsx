import Button from '@mui/material/Button';
import type { Dispatch } from 'react';
import { Icon, type IconName } from '../ui/icon.tsx';
import type { BuilderAction, BuilderState } from './builder-state.ts';
import { idsOf } from './edits.ts';
import type { Alignment } from './placing.ts';
import { rich } from '../words/rich.ts';
import { plural, t } from '../words/words.ts';
import styles from './inspector.module.css';

const ALIGNMENTS: readonly { how: Alignment; icon: IconName; label: string }[] = [
  { how: 'left', icon: 'alignLeft', label: t('Left edges') },
  { how: 'center', icon: 'alignCenter', label: t('In one column') },
  { how: 'top', icon: 'alignTop', label: t('Top edges') },
  { how: 'middle', icon: 'alignMiddle', label: t('In one row') },
  { how: 'across', icon: 'spreadAcross', label: t('Equal gaps across') },
  { how: 'down', icon: 'spreadDown', label: t('Equal gaps down') },
];

/** What can be done with several at once. */
export function SelectionActions({
  state,
  dispatch,
  readOnly,
}: {
  state: BuilderState;
  dispatch: Dispatch<BuilderAction>;
  readOnly: boolean;
}) {
  const nodes = idsOf(state.selection, 'node');
  const edit = (action: Extract<BuilderAction, { type: 'edit' }>['edit']): void =>
    dispatch({ type: 'edit', edit: action });
  return (
    <>
      <h2>{rich('{size} selected', { size: plural(nodes.size, 'node') })}</h2>
      {!readOnly && (
        <>
          <h3>{t('Align')}</h3>
          <div className={styles['aligns']}>
            {ALIGNMENTS.map(({ how, icon, label }) => (
              <Button
                key={how}
                startIcon={<Icon name={icon} />}
                disabled={nodes.size < 2}
                onClick={() => edit({ type: 'align', nodes, how })}
              >
                {label}
              </Button>
            ))}
          </div>
          <div className={styles['aligns']}>
            <Button
              startIcon={<Icon name="group" />}
              disabled={nodes.size === 0}
              onClick={() => edit({ type: 'group', nodes })}
            >
              {t('Group')}
            </Button>
            <Button
              color="error"
              startIcon={<Icon name="trash" />}
              onClick={() => edit({ type: 'remove', keys: state.selection })}
            >
              {t('Delete')}
            </Button>
          </div>
        </>
      )}
    </>
  );
}
