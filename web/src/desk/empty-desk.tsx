import Button from '@mui/material/Button';
import { useAgents } from '../live/use-topic.ts';
import { Loading } from '../ui/empty.tsx';
import { Icon } from '../ui/icon.tsx';
import type { DeskNode } from './desk-layout.ts';
import { DeskSketch } from './desk-sketch.tsx';
import { firstDesk } from './first-desk.ts';
import { t } from '../words/words.ts';
import styles from './desk.module.css';

/** A desk with nothing on it proposes one: whoever needs somebody, and what waits. */
export function EmptyDesk({ onTake, onAdd }: { onTake: (layout: DeskNode) => void; onAdd: () => void }) {
  const agents = useAgents().data;
  if (!agents) return <Loading rows={6} label={t('Looking who needs you')} />;
  const proposed = firstDesk(agents);
  return (
    <div className={styles['empty']}>
      <h2>{t('Lay out what you watch')}</h2>
      <p>
        {t(
          'Terminals, conversations, graphs, logs and your inbox beside each other, live, and kept for you in every browser that you sign in with. Proposed for you: the agents that need you first, what waits and what runs.',
        )}
      </p>
      <div className={styles['sketch']}>
        <DeskSketch layout={proposed} />
      </div>
      <div className={styles['buttons']}>
        <Button variant="contained" color="primary" onClick={() => onTake(proposed)}>
          {t('Begin with this')}
        </Button>
        <Button startIcon={<Icon name="plus" />} onClick={onAdd}>
          {t('Choose a panel')}
        </Button>
      </div>
    </div>
  );
}
