import Button from '@mui/material/Button';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { LiveEmbed } from '../../../src/contract/embeds.ts';
import { request } from '../api/request.ts';
import { Age } from '../ui/age.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { Icon } from '../ui/icon.tsx';
import { dateWords } from '../ui/time-words.ts';
import { useAction } from '../ui/use-action.ts';
import { ListPanel } from './list-panel.tsx';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';

const KEY = ['embeds'];

/** Views in other pages that still work; of others only for administrators. */
export function EmbedsPanel({ admin }: { admin: boolean }) {
  const client = useQueryClient();
  const [ending, setEnding] = useState<LiveEmbed | null>(null);
  const { run } = useAction();
  return (
    <ListPanel
      title={t('Embedded views')}
      about={
        admin
          ? t('What is shown in other pages, read-only: everybody’s.')
          : t('What you show in other pages, read-only. Others see their own.')
      }
      queryKey={KEY}
      load={(signal) => request('GET /api/embeds', { query: { limit: 200 }, signal })}
      keyOf={({ id }) => id}
      empty={t('Nothing is shown in another page. Agents and executions have a button for it: Embed.')}
      row={(embed) => (
        <>
          <div>
            <b>
              <Shown {...embed} />
            </b>
            <span>
              {rich('{parents} · until {expiresAt}', {
                parents: embed.parents.join(', '),
                expiresAt: dateWords(embed.expiresAt),
              })}
            </span>
            <span>
              {rich('made by {createdBy} {createdAt} ·', {
                createdBy: embed.createdBy,
                createdAt: <Age since={embed.createdAt} ago />,
              })}{' '}
              {embed.lastUsedAt ? (
                <>{rich('used {lastUsedAt}', { lastUsedAt: <Age since={embed.lastUsedAt} ago /> })}</>
              ) : (
                t('never used')
              )}
            </span>
          </div>
          <Button
            color="error"
            startIcon={<Icon name="trash" />}
            aria-label={t('Revoke the view of {nameOf}', { nameOf: nameOf(embed) })}
            onClick={() => setEnding(embed)}
          >
            {t('Revoke')}
          </Button>
        </>
      )}
    >
      {ending && (
        <Confirm
          title={t('Revoke the view of {nameOf}?', { nameOf: nameOf(ending) })}
          action={t('Revoke')}
          onClose={() => setEnding(null)}
          onConfirm={() =>
            void run(
              async () => {
                await request('DELETE /api/embeds/{id}', { params: { id: ending.id } });
                await client.invalidateQueries({ queryKey: KEY });
              },
              { done: t('The view of {nameOf} has ended', { nameOf: nameOf(ending) }) },
            )
          }
        >
          {rich('It stops at once in {parents}, also where it is open now.', { parents: ending.parents.join(', ') })}
        </Confirm>
      )}
    </ListPanel>
  );
}

function Shown(embed: LiveEmbed) {
  const { show, subjectId, subjectName } = embed;
  if (show === 'overview') return <Link to="/">{t('Overview')}</Link>;
  const words = `${show === 'agent' ? t('Agent') : t('Execution')} ${nameOf(embed)}`;
  if (subjectId === undefined || subjectName === undefined) return words;
  return (
    <Link to={show === 'agent' ? '/agents/$id' : '/executions/$id'} params={{ id: subjectId }}>
      {words}
    </Link>
  );
}

function nameOf({ show, subjectName }: LiveEmbed): string {
  return show === 'overview' ? t('the overview') : (subjectName ?? t('that is gone'));
}
