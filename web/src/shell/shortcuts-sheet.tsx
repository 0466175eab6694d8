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
      ['g t', 'Wall of terminals'],
      ['g i', 'Inbox'],
      ['g w', 'Workflows'],
      ['g e', 'Executions'],
      ['g u', 'Usage'],
      ['g s', 'Settings'],
      ['t t', 'Light or dark'],
    ],
  },
  {
    title: 'Inbox',
    keys: [
      ['j  k', 'Next, previous'],
      ['a', 'Approve, allow, answer'],
      ['d', 'Reject, deny'],
      ['e', 'Write: the form, or a note'],
      [`${modKey} Enter`, 'Answer with what you wrote'],
      ['Esc', 'Back from writing'],
      ['x', 'Select, to answer several alike'],
      ['h', 'Who answered what'],
      ['Enter', 'Open where it comes from'],
    ],
  },
  {
    title: 'Overview and lists',
    keys: [
      ['/', 'Filter'],
      ['j  ↑  ↓', 'Move'],
      ['Enter', 'Open'],
      ['n', 'Add an agent'],
      ['x', 'Select an agent'],
      ['Shift ↑  ↓', 'Select from here to there'],
      [`${modKey} A`, 'Select all agents'],
      ['Esc', 'Select none'],
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
    title: 'Workflow builder',
    keys: [
      ['n', 'Add a node, connected to the selected one'],
      ['f', 'Find a node'],
      ['c', 'Add a note'],
      ['e', 'Execute'],
      ['↑  ↓  ←  →', 'Move what is selected'],
      ['Del', 'Delete it'],
      ['Esc', 'From a field back to the canvas'],
      [`${modKey} Z`, 'Undo'],
      [`${modKey} Y`, 'Redo'],
      [`${modKey} C`, 'Copy nodes'],
      [`${modKey} V`, 'Paste them, here or in another tab'],
      [`${modKey} A`, 'Select everything'],
      [`${modKey} G`, 'Group'],
      [`${modKey} S`, 'Save'],
      ['Ctrl Space', 'Complete an expression'],
    ],
  },
  {
    title: 'Executions',
    keys: [
      ['x', 'Choose'],
      [`${modKey} A`, 'Choose all that are listed'],
      ['c', 'Compare two that are chosen'],
      ['Esc', 'Choose none'],
    ],
  },
  {
    title: 'Execution',
    keys: [
      ['j  k', 'Next, previous step'],
      ['v', 'Graph or timeline'],
      ['l', 'Logs'],
      ['/', 'Find in the logs'],
      ['f', 'Follow the logs'],
      ['w', 'Wrap long lines'],
      ['o', 'The terminal of the step’s agent'],
      ['+  -  0', 'Zoom the timeline'],
      ['a  d', 'Approve, reject'],
      ['e', 'Write: the form, or a note'],
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
