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

const KEY = ['embeds'];

/** Views in other pages that still work; of others only for administrators. */
export function EmbedsPanel({ admin }: { admin: boolean }) {
  const client = useQueryClient();
  const [ending, setEnding] = useState<LiveEmbed | null>(null);
  const { run } = useAction();
  return (
    <ListPanel
      title="Embedded views"
      about={
        admin
          ? 'What is shown in other pages, read-only: everybody’s.'
          : 'What you show in other pages, read-only. Others see their own.'
      }
      queryKey={KEY}
      load={(signal) => request('GET /api/embeds', { query: { limit: 200 }, signal })}
      keyOf={({ id }) => id}
      empty="Nothing is shown in another page. Agents and executions have a button for it: Embed."
      row={(embed) => (
        <>
          <div>
            <b>
              <Shown {...embed} />
            </b>
            <span>
              {embed.parents.join(', ')} · until {dateWords(embed.expiresAt)}
            </span>
            <span>
              made by {embed.createdBy} <Age since={embed.createdAt} ago /> ·{' '}
              {embed.lastUsedAt ? (
                <>
                  used <Age since={embed.lastUsedAt} ago />
                </>
              ) : (
                'never used'
              )}
            </span>
          </div>
          <Button
            color="error"
            startIcon={<Icon name="trash" />}
            aria-label={`Revoke the view of ${nameOf(embed)}`}
            onClick={() => setEnding(embed)}
          >
            Revoke
          </Button>
        </>
      )}
    >
      {ending && (
        <Confirm
          title={`Revoke the view of ${nameOf(ending)}?`}
          action="Revoke"
          onClose={() => setEnding(null)}
          onConfirm={() =>
            void run(
              async () => {
                await request('DELETE /api/embeds/{id}', { params: { id: ending.id } });
                await client.invalidateQueries({ queryKey: KEY });
              },
              { done: `The view of ${nameOf(ending)} has ended` },
            )
          }
        >
          It stops at once in {ending.parents.join(', ')}, also where it is open now.
        </Confirm>
      )}
    </ListPanel>
  );
}

function Shown(embed: LiveEmbed) {
  const { show, subjectId, subjectName } = embed;
  if (show === 'overview') return <Link to="/">Overview</Link>;
  const words = `${show === 'agent' ? 'Agent' : 'Execution'} ${nameOf(embed)}`;
  if (subjectId === undefined || subjectName === undefined) return words;
  return (
    <Link to={show === 'agent' ? '/agents/$id' : '/executions/$id'} params={{ id: subjectId }}>
      {words}
    </Link>
  );
}

function nameOf({ show, subjectName }: LiveEmbed): string {
  return show === 'overview' ? 'the overview' : (subjectName ?? 'that is gone');
}
