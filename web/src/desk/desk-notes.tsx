import Button from '@mui/material/Button';
import { Icon } from '../ui/icon.tsx';
import type { DeskKeeper, DeskState } from './desk-keeper.ts';
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
            <b>{state.both.join(', ')}</b> was changed in another tab or browser too. Nothing is saved here until you
            choose.
          </p>
          <Button onClick={() => keeper.settle('theirs')}>Take that one</Button>
          <Button onClick={() => keeper.settle('mine')}>Keep this one</Button>
        </div>
      )}
      {state.desks && state.problem !== null && (
        <div className={styles['said']} role="alert">
          <Icon name="alert" />
          <p>Your changes are not saved yet. {state.problem}</p>
          <Button onClick={() => void keeper.save()}>Try again</Button>
        </div>
      )}
    </>
  );
}
