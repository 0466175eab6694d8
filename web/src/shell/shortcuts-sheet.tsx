import Dialog from '@mui/material/Dialog';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import { useState } from 'react';
import { keysShown } from '../ui/keys.ts';
import { GROUP_WORDS, keyCaps } from '../ui/shown-keys.ts';
import { modKey } from './mod-key.ts';
import { t } from '../words/words.ts';
import styles from './shortcuts-sheet.module.css';

/** What the keys do on the page it is opened on. */
export function ShortcutsSheet({ onClose }: { onClose: () => void }) {
  const [groups] = useState(keysShown);
  return (
    <Dialog open onClose={onClose} maxWidth="md" aria-labelledby="shortcuts-title">
      <DialogTitle id="shortcuts-title">{t('Keyboard shortcuts on this page')}</DialogTitle>
      <DialogContent>
        <div className={styles['groups']}>
          {groups.map(({ title, shown }) => (
            <section key={title}>
              <h3>{GROUP_WORDS[title]}</h3>
              <dl>
                {shown.map(({ what, keys }) => (
                  <div key={what}>
                    <dt>{what}</dt>
                    <dd>
                      {keys.map((each) => (
                        <span key={each} data-keys={each}>
                          {keyCaps(each, modKey).map((cap, index) => (
                            <kbd key={index}>{cap}</kbd>
                          ))}
                        </span>
                      ))}
                    </dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
        </div>
        <p className={styles['note']}>
          {t('In a field, keys are text; in a terminal whose seat you hold, all of them belong to the agent.')}
        </p>
      </DialogContent>
    </Dialog>
  );
}
