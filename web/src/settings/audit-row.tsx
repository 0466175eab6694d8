import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { AuditEntry } from '../../../src/contract/audit.ts';
import { Age } from '../ui/age.tsx';
import { JsonTree } from '../ui/json-tree.tsx';
import { VisibleText } from '../ui/visible-text.tsx';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import type { AuditSubject, SubjectPlace } from './audit-subject.ts';
import styles from './audit-panel.module.css';

/** One thing that was done: in a line, and opened with all that was kept of it. */
export function AuditRow({ entry, subject }: { entry: AuditEntry; subject: AuditSubject }) {
  const { seq, at, actor, action, detail } = entry;
  const name = subject.name ?? entry.subject;
  return (
    <li>
      <details>
        <summary>
          <span className={styles['at']}>
            <Age since={at} ago />
          </span>
          <b>
            <VisibleText text={shortActor(actor)} />
          </b>
          <code>{action}</code>
          <span className={styles['subject']}>
            <VisibleText text={name} />
            {subject.decision && <span className={styles['decision']}>{subject.decision}</span>}
          </span>
        </summary>
        <p className={styles['whole']}>
          {rich('Entry {seq}, by {actor}, on {subject}', {
            seq,
            actor: <VisibleText text={actor} />,
            subject: <VisibleText text={entry.subject} />,
          })}
        </p>
        <JsonTree value={detail} />
      </details>
      {subject.place && (
        <PlaceLink place={subject.place} label={t('Open {name}', { name })}>
          {t('Open')}
        </PlaceLink>
      )}
    </li>
  );
}

/** A rule is written with its id; the line says what kind of actor it was, the opened entry which. */
function shortActor(actor: string): string {
  return /^policy [0-9a-f-]{36}$/.test(actor) ? t('a rule') : actor;
}

function PlaceLink({ place, label, children }: { place: SubjectPlace; label: string; children: ReactNode }) {
  const { page, id } = place;
  const look = { className: styles['open'] ?? '', 'aria-label': label };
  if (page === 'inbox')
    return (
      <Link to="/inbox" search={{ item: id }} {...look}>
        {children}
      </Link>
    );
  const to = ({ agent: '/agents/$id', execution: '/executions/$id', workflow: '/workflows/$id' } as const)[page];
  return (
    <Link to={to} params={{ id }} search={{}} {...look}>
      {children}
    </Link>
  );
}
