import Button from '@mui/material/Button';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { InboxItemType } from '../../../src/contract/inbox.ts';
import type { PushSubscription } from '../../../src/contract/push.ts';
import { pushSubscriptionsQuery } from '../api/queries.ts';
import { request } from '../api/request.ts';
import { Age } from '../ui/age.tsx';
import { Icon } from '../ui/icon.tsx';
import { Panel } from '../ui/panel.tsx';
import { INBOX_KINDS, INBOX_LOOK } from '../ui/tone.ts';
import { useAction } from '../ui/use-action.ts';
import { usePush } from './this-browser.ts';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import styles from './notifications-panel.module.css';

/** Where a person is told that something waits, and of what; this browser first. */
export function NotificationsPanel() {
  const client = useQueryClient();
  const { state, turnOn, turnOff } = usePush();
  const all = useQuery(pushSubscriptionsQuery).data ?? [];
  const { busy, run } = useAction();
  const own = state?.status === 'on' ? state.id : null;
  const again = () => client.invalidateQueries({ queryKey: ['push'] });

  return (
    <Panel title={<span id="notifications">{t('Notifications')}</span>} flush>
      <div className={styles['here']}>
        <span className={styles['bell']} data-on={own !== null}>
          <Icon name="bell" size={18} />
        </span>
        <div>
          <b>{t('This browser')}</b>
          <p>
            {state === null
              ? t('Looking…')
              : state.status === 'impossible'
                ? state.why
                : state.status === 'denied'
                  ? t('It was told not to show notifications. Allow them for this page in the browser’s own settings.')
                  : state.status === 'off'
                    ? t('Be told when something waits for you, also while Pointsman is closed.')
                    : t('You are told when something waits for you.')}
          </p>
        </div>
        {state?.status === 'off' && (
          <Button
            variant="contained"
            color="primary"
            disabled={busy}
            onClick={() => void run(turnOn, { done: t('This browser is notified from now on') })}
          >
            {t('Turn on')}
          </Button>
        )}
        {state?.status === 'on' && (
          <Button
            disabled={busy}
            onClick={() =>
              void run(turnOff, {
                done: t('This browser is notified no more'),
                undo: { label: t('Undo'), run: turnOn },
              })
            }
          >
            {t('Turn off')}
          </Button>
        )}
      </div>
      {all.length > 0 && (
        <ul className={styles['list']}>
          {all.map((subscription) => (
            <li key={subscription.id}>
              <Subscription subscription={subscription} own={subscription.id === own} onChanged={again} />
            </li>
          ))}
        </ul>
      )}
      <p className={styles['about']}>
        {t('A notification says who waits and for what kind of answer, never what is asked: that is read here.')}
      </p>
    </Panel>
  );
}

function Subscription({
  subscription: { id, device, service, kinds, lastSentAt },
  own,
  onChanged,
}: {
  subscription: PushSubscription;
  own: boolean;
  onChanged: () => Promise<void>;
}) {
  const { busy, run } = useAction();
  const choose = (kind: InboxItemType, wanted: boolean) =>
    run(async () => {
      const next = INBOX_KINDS.filter((each) => (each === kind ? wanted : kinds.includes(each)));
      await request('PATCH /api/push/subscriptions/{id}', { params: { id }, body: { kinds: next } });
      await onChanged();
    });
  return (
    <>
      <div className={styles['head']}>
        <div>
          <b>
            {device}
            {own && <span className={styles['own']}>{t('this browser')}</span>}
          </b>
          <span>
            {rich('through {service}', { service })}
            {lastSentAt !== undefined && (
              <>{rich(', last {lastSentAt}', { lastSentAt: <Age since={lastSentAt} ago /> })}</>
            )}
          </span>
        </div>
        <Button
          disabled={busy}
          onClick={() =>
            void run(
              async () => {
                await request('POST /api/push/subscriptions/{id}/test', { params: { id } });
                await onChanged();
              },
              { done: t('A test is on its way to {device}', { device }) },
            )
          }
        >
          {t('Try it')}
        </Button>
        {!own && (
          <Button
            color="error"
            disabled={busy}
            aria-label={t('Remove {device}', { device })}
            onClick={() =>
              void run(
                async () => {
                  await request('DELETE /api/push/subscriptions/{id}', { params: { id } });
                  await onChanged();
                },
                { done: t('{device} is notified no more', { device }) },
              )
            }
          >
            {t('Remove')}
          </Button>
        )}
      </div>
      <div className={styles['kinds']} role="group" aria-label={t('What {device} is told of', { device })}>
        {INBOX_KINDS.map((kind) => (
          <button
            key={kind}
            type="button"
            aria-pressed={kinds.includes(kind)}
            disabled={busy}
            onClick={() => void choose(kind, !kinds.includes(kind))}
          >
            <Icon name={kinds.includes(kind) ? 'check' : INBOX_LOOK[kind].icon} size={13} />
            {INBOX_LOOK[kind].word}
          </button>
        ))}
      </div>
    </>
  );
}
