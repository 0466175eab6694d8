import { Link } from '@tanstack/react-router';
import { useAgents, useInbox } from '../live/use-topic.ts';
import { useOrigins } from '../inbox/use-origins.ts';
import { Age } from '../ui/age.tsx';
import { Icon } from '../ui/icon.tsx';
import { VisibleText } from '../ui/visible-text.tsx';
import { StatusBadge } from '../ui/status-badge.tsx';
import { AGENT_LOOK, INBOX_LOOK } from '../ui/tone.ts';
import { PHONE, useMedia } from '../ui/use-media.ts';
import { byAttention, needsPerson } from '../agents/attention.ts';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import styles from './needs-me.module.css';

const MOST = 6;
const MOST_ON_PHONE = 3; // the agents should begin on the first screen

/** What waits for this person, oldest first; says so when nothing does. */
export function NeedsMe() {
  const items = useInbox().data?.open;
  const agents = useAgents().data;
  const phone = useMedia(PHONE);
  const { from } = useOrigins();
  if (!items || !agents) return <div className={styles['held']} aria-hidden="true" />;
  const asked = new Set(items.map((item) => item.agentId));
  const stuck = agents.filter((agent) => needsPerson(agent) && !asked.has(agent.id)).toSorted(byAttention);
  if (items.length === 0 && stuck.length === 0) {
    return (
      <div className={styles['calm']}>
        <Icon name="check" />
        {t('Nothing needs you. Questions, approvals and failures will appear here.')}
      </div>
    );
  }
  const most = phone ? MOST_ON_PHONE : MOST;
  const more = items.length + stuck.length - most;
  return (
    <section className={styles['strip']} aria-label={t('Needs you')}>
      {items.slice(0, most).map((item) => (
        <Link
          key={item.id}
          to="/inbox"
          search={{ item: item.id }}
          className={styles['card'] ?? ''}
          data-tone={INBOX_LOOK[item.type].tone}
        >
          <span className={styles['top']}>
            <StatusBadge look={INBOX_LOOK[item.type]} plain />
            <span className={styles['age']}>
              <Age since={item.createdAt} />
            </span>
          </span>
          <b>
            <VisibleText text={item.title} />
          </b>
          <span className={styles['from']}>
            <VisibleText text={from(item)} />
          </span>
        </Link>
      ))}
      {stuck.slice(0, Math.max(0, most - items.length)).map((agent) => (
        <Link
          key={agent.id}
          to="/agents/$id"
          params={{ id: agent.id }}
          className={styles['card'] ?? ''}
          data-tone={AGENT_LOOK[agent.status].tone}
        >
          <span className={styles['top']}>
            <StatusBadge look={AGENT_LOOK[agent.status]} plain />
            <span className={styles['age']}>
              <Age since={agent.statusSince} />
            </span>
          </span>
          <b>{agent.name}</b>
          <span className={styles['from']}>{agent.statusReason}</span>
        </Link>
      ))}
      {more > 0 && (
        <Link to="/inbox" className={styles['more'] ?? ''}>
          {rich('{more} more', { more })}
        </Link>
      )}
    </section>
  );
}
