import Button from '@mui/material/Button';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { Trigger, TriggerSecret } from '../../../src/contract/triggers.ts';
import type { Workflow } from '../../../src/contract/workflows.ts';
import { workflowTriggersQuery } from '../api/queries.ts';
import { request } from '../api/request.ts';
import { Age } from '../ui/age.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { Empty, Loading } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { ShownOnce } from '../ui/shown-once.tsx';
import { dateWords } from '../ui/time-words.ts';
import { useAction } from '../ui/use-action.ts';
import { triggerWords } from './trigger-words.ts';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import styles from './trigger-list.module.css';

interface Props {
  workflow: Workflow;
  mayOperate: boolean;
  mayAdminister: boolean;
}

/** What starts the live version by itself, what became of it last, and the secrets of webhooks, each shown once. */
export function TriggerList({ workflow, mayOperate, mayAdminister }: Props) {
  const client = useQueryClient();
  const query = workflowTriggersQuery(workflow.id, workflow.liveVersion);
  const { data, error, refetch } = useQuery(query);
  const { busy, run } = useAction();
  const [shown, setShown] = useState<TriggerSecret | null>(null);
  const [replacing, setReplacing] = useState<Trigger | null>(null);
  const again = () => client.invalidateQueries({ queryKey: query.queryKey });

  async function giveSecret({ id }: Trigger): Promise<void> {
    await run(async () => {
      setShown(await request('POST /api/triggers/{id}/secret', { params: { id } }));
      await again();
    });
  }

  if (error) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (!data) return <Loading rows={3} />;
  if (data.length === 0)
    return (
      <Empty icon="clock" title={t('Nothing starts it by itself')}>
        {t(
          "Give it triggers in the builder: a time, a webhook, the end of another workflow, an agent's status, files or commits.",
        )}
      </Empty>
    );
  return (
    <>
      {shown && (
        <ShownOnce
          secret={shown.secret}
          lead={t('Copy the secret now, it is not shown again. Callers sign the body with it.')}
          onDone={() => setShown(null)}
        >
          <p>{rich('They call {href}', { href: <code>{new URL(shown.address, location.origin).href}</code> })}</p>
        </ShownOnce>
      )}
      <ul className={styles['list']}>
        {data.map((trigger) => (
          <li key={trigger.id} data-enabled={trigger.enabled}>
            <div>
              <b>{triggerWords(trigger.trigger)}</b>
              <TriggerFacts trigger={trigger} />
            </div>
            {mayAdminister && trigger.kind === 'webhook' && (
              <Button
                disabled={busy}
                onClick={() => (trigger.secretSetAt ? setReplacing(trigger) : void giveSecret(trigger))}
              >
                {trigger.secretSetAt ? t('New secret') : t('Give it a secret')}
              </Button>
            )}
            {mayOperate && (
              <Button
                disabled={busy}
                aria-label={`${trigger.enabled ? t('Disable') : t('Enable')}: ${triggerWords(trigger.trigger)}`}
                onClick={() =>
                  void run(
                    async () => {
                      await request('PATCH /api/triggers/{id}', {
                        params: { id: trigger.id },
                        body: { enabled: !trigger.enabled },
                      });
                      await again();
                    },
                    { done: trigger.enabled ? t('It starts nothing any more') : t('It starts executions again') },
                  )
                }
              >
                {trigger.enabled ? t('Disable') : t('Enable')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {replacing && (
        <Confirm
          title={t('A new secret?')}
          action={t('New secret')}
          onConfirm={() => void giveSecret(replacing)}
          onClose={() => setReplacing(null)}
        >
          {t('The one it has ends at once: whoever signs with it is refused until they have the new one.')}
        </Confirm>
      )}
    </>
  );
}

function TriggerFacts({ trigger }: { trigger: Trigger }) {
  const { enabled, kind, nextAt, secretSetAt, lastFiredAt, lastOutcome, lastExecutionId, lastError } = trigger;
  return (
    <span>
      {!enabled && t('Disabled')}
      {enabled && kind === 'cron' && nextAt && t('Next {nextAt}', { nextAt: dateWords(nextAt) })}
      {enabled &&
        kind === 'webhook' &&
        (secretSetAt ? t('Ready to be called') : t('Has no secret yet: no call is accepted'))}
      {lastFiredAt && (
        <>
          {t(' · last ')}
          <Age since={lastFiredAt} ago />
          {lastOutcome && `: ${lastOutcome}`}{' '}
          {lastExecutionId && (
            <Link to="/executions/$id" params={{ id: lastExecutionId }}>
              {t('execution')}
            </Link>
          )}
        </>
      )}
      {lastError && <em>{lastError.message}</em>}
    </span>
  );
}
