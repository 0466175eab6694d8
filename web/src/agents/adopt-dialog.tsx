import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import type { AdoptableSession } from '../../../src/contract/agents.ts';
import { newId } from '../api/new-id.ts';
import { adoptableQuery } from '../api/queries.ts';
import { request } from '../api/request.ts';
import { Age } from '../ui/age.tsx';
import { Empty, Loading } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { VisibleText } from '../ui/visible-text.tsx';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import styles from './adopt-dialog.module.css';

/** Sessions that the server's user runs outside of Pointsman, and taking one in. */
export function AdoptDialog({ onClose }: { onClose: () => void }) {
  const { data: sessions, error: unread } = useQuery(adoptableQuery);
  const navigate = useNavigate();
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const key = useRef(newId());

  async function adopt({ session }: AdoptableSession): Promise<void> {
    setBusy(true);
    setError(null);
    try {
      const agent = await request('POST /api/agents/adopt', {
        body: { session },
        headers: { 'idempotency-key': `${key.current} ${session}` },
      });
      await navigate({ to: '/agents/$id', params: { id: agent.id } });
    } catch (failure) {
      // Another try after a failure is another request.
      key.current = newId();
      setError(failure);
      setBusy(false);
    }
  }

  return (
    <Dialog open onClose={onClose} maxWidth="sm" fullWidth aria-labelledby="adopt-title">
      <DialogTitle id="adopt-title">{t('Adopt a running session')}</DialogTitle>
      <DialogContent>
        <p className={styles['about']}>
          {t(
            'It goes on where it is and is observed at once. It takes tasks after its next restart, in the same conversation.',
          )}
        </p>
        {unread ? (
          <ErrorNote error={unread} />
        ) : sessions === undefined ? (
          <Loading rows={3} label={t('Looking for sessions')} />
        ) : sessions.length === 0 ? (
          <Empty icon="search" title={t('No session to adopt')}>
            {t('Claude Code and Codex that the user of this server runs outside of Pointsman appear here.')}
          </Empty>
        ) : (
          <ul className={styles['sessions']}>
            {sessions.map((session) => (
              <li key={session.session}>
                <div>
                  <b>
                    <VisibleText text={session.title ?? session.kind} />
                  </b>
                  <span>
                    {rich('{kind} · process {pid} · for {since} ·', {
                      kind: session.kind,
                      pid: session.pid,
                      since: <Age since={session.since} />,
                    })}{' '}
                    {session.terminal ? (
                      <VisibleText
                        text={t('tmux {sessionName} {paneId}', {
                          sessionName: session.terminal.sessionName,
                          paneId: session.terminal.paneId,
                        })}
                      />
                    ) : (
                      t('without tmux')
                    )}
                  </span>
                  <code>
                    <VisibleText text={session.directory} />
                  </code>
                </div>
                <Button
                  variant="contained"
                  color="primary"
                  disabled={busy}
                  aria-label={t('Adopt {title}, process {pid}', {
                    title: session.title ?? session.kind,
                    pid: session.pid,
                  })}
                  onClick={() => void adopt(session)}
                >
                  {t('Adopt')}
                </Button>
              </li>
            ))}
          </ul>
        )}
        {error !== null && <ErrorNote error={error} />}
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose}>{t('Close')}</Button>
      </DialogActions>
    </Dialog>
  );
}
