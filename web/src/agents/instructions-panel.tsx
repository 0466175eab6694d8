import Button from '@mui/material/Button';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { Agent } from '../../../src/contract/agents.ts';
import { request } from '../api/request.ts';
import { Confirm } from '../ui/confirm.tsx';
import { Icon } from '../ui/icon.tsx';
import { Panel } from '../ui/panel.tsx';
import { useAction } from '../ui/use-action.ts';
import { VisibleText } from '../ui/visible-text.tsx';
import { whenHeard } from './when-heard.ts';
import { InstructionsForm } from './instructions-form.tsx';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import styles from './instructions-panel.module.css';

/** What the agent is told besides its prompts, where that comes from, and another source or other words. */
export function InstructionsPanel({ agent, mayOperate }: { agent: Agent; mayOperate: boolean }) {
  const [editing, setEditing] = useState(false);
  const [asking, setAsking] = useState(false);
  /** Until it is started anew: what it runs with may be older. */
  const [changed, setChanged] = useState(false);
  const { busy, run } = useAction();
  const shell = agent.kind === 'shell';
  const heard = whenHeard(agent);
  return (
    <Panel
      title={t('Instructions')}
      actions={
        mayOperate &&
        !shell &&
        !editing && (
          <Button startIcon={<Icon name="edit" />} onClick={() => setEditing(true)}>
            {agent.definition ? t('Change the source') : t('Edit')}
          </Button>
        )
      }
    >
      <div className={styles['body']}>
        {agent.definition && (
          <p className={styles['source']}>
            {rich('From the definition {definition}, which other agents may share.', {
              definition: (
                <Link to="/settings/definitions" search={{ name: agent.definition }}>
                  {agent.definition}
                </Link>
              ),
            })}
          </p>
        )}
        {editing ? (
          <InstructionsForm
            agent={agent}
            onDone={(saved) => {
              setEditing(false);
              if (saved) setChanged(true);
            }}
          />
        ) : agent.instructions ? (
          <pre className={styles['words']} tabIndex={0}>
            <VisibleText text={agent.instructions} />
          </pre>
        ) : (
          <p className={styles['note']}>
            {shell ? t('None. A shell is told nothing besides its commands.') : t('None besides its prompts.')}
          </p>
        )}
        {!shell && (editing || changed) && (
          <div className={styles['heard']} role={changed ? 'status' : undefined}>
            <Icon name="clock" size={14} />
            <p>{heard.words}</p>
            {changed && !editing && heard.fresh && mayOperate && (
              <Button disabled={busy} onClick={() => setAsking(true)}>
                {t('New conversation')}
              </Button>
            )}
          </div>
        )}
      </div>
      {asking && (
        <Confirm
          title={t('Begin a new conversation with {name}?', { name: agent.name })}
          action={t('Begin it')}
          onClose={() => setAsking(false)}
          onConfirm={() =>
            void run(
              async () => {
                await request('POST /api/agents/{id}/restart', { params: { id: agent.id }, query: { fresh: 'true' } });
                setChanged(false);
              },
              { done: t('{name} restarts with a new conversation', { name: agent.name }) },
            )
          }
        >
          {t(
            'It is stopped, also in the middle of a task, and starts with its new instructions. It remembers nothing of the conversation it had.',
          )}
        </Confirm>
      )}
    </Panel>
  );
}
