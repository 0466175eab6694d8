import Button from '@mui/material/Button';
import { type RefObject, useRef, useState } from 'react';
import type { Agent } from '../../../src/contract/agents.ts';
import { messageOf } from '../api/api-error.ts';
import { newId } from '../api/new-id.ts';
import { request } from '../api/request.ts';
import { modKey } from '../shell/mod-key.ts';
import { Icon } from '../ui/icon.tsx';
import { focusTitle } from '../ui/kept-focus.ts';
import { useFieldKeys } from '../ui/keys.ts';
import { Panel } from '../ui/panel.tsx';
import { toast } from '../ui/toasts.ts';
import { useAction } from '../ui/use-action.ts';
import { t } from '../words/words.ts';
import styles from './task-composer.module.css';

/** Hands a task to the agent; a shell agent takes one command line. The text stays until it was accepted. */
export function TaskComposer({ agent, field }: { agent: Agent; field: RefObject<HTMLTextAreaElement | null> }) {
  const [prompt, setPrompt] = useState('');
  const [problem, setProblem] = useState('');
  const [apart, setApart] = useState(false);
  const { busy, run } = useAction();
  // The same key for the same text: a repeated click or a lost answer cannot send it twice.
  const sending = useRef<{ prompt: string; apart: boolean; key: string } | null>(null);
  const shell = agent.kind === 'shell';
  const stopped = agent.status === 'stopped';

  async function send(): Promise<void> {
    if (prompt.trim() === '' || busy) return;
    if (sending.current?.prompt !== prompt || sending.current.apart !== apart)
      sending.current = { prompt, apart, key: newId() };
    const key = sending.current.key;
    setProblem('');
    await run(
      async () => {
        await request('POST /api/agents/{id}/tasks', {
          params: { id: agent.id },
          body: { prompt, ...(apart ? { workspace: 'worktree' as const } : {}) },
          headers: { 'idempotency-key': key },
        });
        sending.current = null;
        setPrompt('');
        toast(t('Sent to {name}', { name: agent.name }));
      },
      {
        failed: (error) => {
          setProblem(messageOf(error));
          return true;
        },
      },
    );
  }

  const onKeyDown = useFieldKeys<HTMLTextAreaElement>('Agent', {
    ...(shell ? { Enter: [t('Run the command'), () => void send()] } : {}),
    'mod+Enter': [shell ? t('Run the command') : t('Send the task'), () => void send()],
    Escape: [t('Back from writing'), () => focusTitle()],
  });

  return (
    <Panel title={shell ? t('Run a command') : t('Send a task')}>
      <div className={styles['composer']}>
        <textarea
          ref={field}
          rows={shell ? 1 : 3}
          value={prompt}
          data-shell={shell}
          placeholder={shell ? t('One command line, e.g. npm test') : t('What should {name} do?', { name: agent.name })}
          aria-label={shell ? t('Command line') : t('Task')}
          spellCheck={!shell}
          onChange={(event) => setPrompt(shell ? event.target.value.replaceAll('\n', ' ') : event.target.value)}
          onKeyDown={onKeyDown}
        />
        {shell && (
          <label className={styles['apart']}>
            <input type="checkbox" checked={apart} onChange={(event) => setApart(event.target.checked)} />
            {t('In a git worktree of its own')}
          </label>
        )}
        <div className={styles['line']}>
          <span className={styles['hint']}>
            {stopped
              ? t('The agent is stopped; the task waits until it starts.')
              : shell
                ? t('Enter runs it')
                : t('{modKey} Enter sends it', { modKey })}
          </span>
          <Button
            variant="contained"
            color="primary"
            disabled={busy || prompt.trim() === ''}
            onClick={() => void send()}
            startIcon={<Icon name="send" />}
          >
            {busy ? t('Sending…') : shell ? t('Run') : t('Send')}
          </Button>
        </div>
        {problem && (
          <p className={styles['problem']} role="alert">
            {problem}
          </p>
        )}
      </div>
    </Panel>
  );
}
