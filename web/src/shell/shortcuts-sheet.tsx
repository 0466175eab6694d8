import Dialog from '@mui/material/Dialog';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import { modKey } from './mod-key.ts';
import styles from './shortcuts-sheet.module.css';

const GROUPS: { title: string; keys: [keys: string, what: string][] }[] = [
  {
    title: 'Everywhere',
    keys: [
      [`${modKey} K`, 'Search and commands'],
      ['?', 'This sheet'],
      ['g o', 'Overview'],
      ['g i', 'Inbox'],
      ['g w', 'Workflows'],
      ['g e', 'Executions'],
      ['g s', 'Settings'],
      ['t t', 'Light or dark'],
    ],
  },
  {
    title: 'Inbox',
    keys: [
      ['j  k', 'Next, previous'],
      ['a', 'Approve, allow'],
      ['d', 'Reject, deny'],
      ['Enter', 'Open where it comes from'],
    ],
  },
  {
    title: 'Overview and lists',
    keys: [
      ['/', 'Filter'],
      ['↑  ↓', 'Move'],
      ['Enter', 'Open'],
    ],
  },
  {
    title: 'Agent',
    keys: [
      ['p', 'Write a task'],
      ['s', 'Take the seat'],
      ['Shift Esc', 'Leave the terminal, keep the seat'],
      [`${modKey} Enter`, 'Send the task'],
    ],
  },
  {
    title: 'Execution',
    keys: [
      ['j  k', 'Next, previous step'],
      ['l', 'Logs'],
      ['f', 'Follow the logs'],
      ['a  d', 'Approve, reject'],
    ],
  },
];

export function ShortcutsSheet({ onClose }: { onClose: () => void }) {
  return (
    <Dialog open onClose={onClose} maxWidth="md" aria-labelledby="shortcuts-title">
      <DialogTitle id="shortcuts-title">Keyboard shortcuts</DialogTitle>
      <DialogContent>
        <div className={styles['groups']}>
          {GROUPS.map((group) => (
            <section key={group.title}>
              <h3>{group.title}</h3>
              <dl>
                {group.keys.map(([keys, what]) => (
                  <div key={keys + what}>
                    <dt>{what}</dt>
                    <dd>
                      {keys.split(/ +/).map((key, index) => (
                        <kbd key={index}>{key}</kbd>
                      ))}
                    </dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
        </div>
        <p className={styles['note']}>No shortcut fires while you type or hold the seat of a terminal.</p>
      </DialogContent>
    </Dialog>
  );
}
