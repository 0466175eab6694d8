import Button from '@mui/material/Button';
import { Icon } from '../ui/icon.tsx';
import type { DeskKeeper, DeskState } from './desk-keeper.ts';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import styles from './desk.module.css';

/** What a person has to know of how their desks are kept; nothing while all is well. */
export function DeskNotes({ state, keeper }: { state: DeskState; keeper: DeskKeeper }) {
  return (
    <>
      {state.lost.map((words) => (
        <div key={words} className={styles['said']} role="status">
          <Icon name="alert" />
          <p>{words}</p>
        </div>
      ))}
      {state.both.length > 0 && (
        <div className={styles['said']} role="alert">
          <Icon name="alert" />
          <p>
            {rich('{both} was changed in another tab or browser too. Nothing is saved here until you choose.', {
              both: <b>{state.both.join(', ')}</b>,
            })}
          </p>
          <Button onClick={() => keeper.settle('theirs')}>{t('Take that one')}</Button>
          <Button onClick={() => keeper.settle('mine')}>{t('Keep this one')}</Button>
        </div>
      )}
      {state.desks && state.problem !== null && (
        <div className={styles['said']} role="alert">
          <Icon name="alert" />
          <p>{rich('Your changes are not saved yet. {problem}', { problem: state.problem })}</p>
          <Button onClick={() => void keeper.save()}>{t('Try again')}</Button>
        </div>
      )}
    </>
  );
}
