import Dialog from '@mui/material/Dialog';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import { useState } from 'react';
import { keysShown } from '../ui/keys.ts';
import { GROUP_WORDS } from '../ui/shown-keys.ts';
import { KeyLine } from './key-line.tsx';
import { t } from '../words/words.ts';
import styles from './shortcuts-sheet.module.css';

/** What the keys do on the page it is opened on. */
export function ShortcutsSheet({ onClose }: { onClose: () => void }) {
  const [groups, setGroups] = useState(keysShown);
  return (
    <Dialog open onClose={onClose} maxWidth="md" aria-labelledby="shortcuts-title">
      <DialogTitle id="shortcuts-title">{t('Keyboard shortcuts on this page')}</DialogTitle>
      <DialogContent>
        <div className={styles['groups']}>
          {groups.map(({ title, shown }) => (
            <section key={title}>
              <h3>{GROUP_WORDS[title]}</h3>
              <dl>
                {shown.map((line) => (
                  <KeyLine
                    key={line.what}
                    group={title}
                    line={line}
                    doneBy={(keys) =>
                      groups.flatMap((group) => group.shown).find((one) => one.keys.includes(keys))?.what
                    }
                    onChosen={() => setGroups(keysShown())}
                  />
                ))}
              </dl>
            </section>
          ))}
        </div>
        <p className={styles['note']}>
          {t(
            'In a field, keys are text; in a terminal whose seat you hold, all of them belong to the agent. Click a key to choose another one; this browser keeps it.',
          )}
        </p>
      </DialogContent>
    </Dialog>
  );
}
