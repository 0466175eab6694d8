import Button from '@mui/material/Button';
import type { ReactNode } from 'react';
import { CopyButton } from './copy-button.tsx';
import { t } from '../words/words.ts';
import styles from './shown-once.module.css';

/** A secret that nobody can see again, until it is put away: what it is for, the secret, and what belongs to it. */
export function ShownOnce({
  secret,
  lead,
  children,
  onDone,
}: {
  secret: string;
  lead: ReactNode;
  children?: ReactNode;
  onDone: () => void;
}) {
  return (
    <div className={styles['once']} role="status">
      <p>{lead}</p>
      <code>{secret}</code>
      {children}
      <div>
        <CopyButton text={secret} />
        <Button onClick={onDone}>{t('Done')}</Button>
      </div>
    </div>
  );
}
