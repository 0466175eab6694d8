import Button from '@mui/material/Button';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import type { Agent } from '../../../src/contract/agents.ts';
import type { InboxItem } from '../../../src/contract/inbox.ts';
import { meQuery, usageQuery } from '../api/queries.ts';
import { DecisionPanel } from '../inbox/decision-panel.tsx';
import { useAgents, useInbox } from '../live/use-topic.ts';
import { Empty, Loading } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Meter } from '../ui/meter.tsx';
import { Panel } from '../ui/panel.tsx';
import { StatusBadge } from '../ui/status-badge.tsx';
import type { Look } from '../ui/tone.ts';
import { BudgetDialog } from './budget-dialog.tsx';
import { budgetAgents, type BudgetLine, budgetLines } from './budget-lines.ts';
import { t } from '../words/words.ts';
import styles from './budgets-panel.module.css';

const PAUSED: Look = { word: t('Paused'), icon: 'pause', tone: 'warn' };
const USED_UP: Look = { word: t('Used up'), icon: 'hourglass', tone: 'warn' };
const WITHIN: Look = { word: t('Within'), icon: 'check', tone: 'ok' };

/** Today's budgets: what is used of each, who waits because of one, and the answer to what is asked about it. */
export function BudgetsPanel({ today }: { today: string | undefined }) {
  const agents = useAgents().data;
  const operates = useQuery(meQuery).data?.permissions.includes('operate') ?? false;
  const spent = useQuery({ ...usageQuery({ from: today, to: today, by: 'agent' }), enabled: today !== undefined });
  const asked = useInbox().data?.open.filter(({ type }) => type === 'budget') ?? [];
  const [changing, setChanging] = useState<Agent | null>(null);
  const report = spent.data?.from === today ? spent.data : undefined;
  const shown = budgetAgents(agents ?? []);
  const together = report?.usdPerDay === undefined ? [] : budgetLines({ usdPerDay: report.usdPerDay }, report.total);
  return (
    <>
      {asked.map((item) => (
        <section key={item.id} className={styles['ask']} aria-label={item.title}>
          <DecisionPanel
            item={item}
            mayAnswer={operates}
            keys={false}
            agentName={agents?.find(({ id }) => id === item.agentId)?.name}
          />
        </section>
      ))}
      <Panel title={t('Budgets of today')} flush>
        {spent.error ? (
          <ErrorNote error={spent.error} onRetry={() => void spent.refetch()} />
        ) : !report || !agents ? (
          <Loading rows={4} label={t('Loading the budgets')} />
        ) : (
          <ul className={styles['list']}>
            <Row
              name={<b>{t('All agents together')}</b>}
              lines={together}
              look={together.length > 0 ? lookOf(together, isAsked(asked, undefined)) : null}
              note={
                together.length === 0
                  ? t('No limit. It is set by {setting} in {file}, or {variable}.', {
                      setting: 'budget_usd_per_day',
                      file: 'pointsman.yaml',
                      variable: 'POINTSMAN_BUDGET_USD_PER_DAY',
                    })
                  : undefined
              }
            />
            {shown.map((agent) => {
              const lines = budgetLines(
                agent.budget ?? {},
                report.entries.find(({ key }) => key === agent.id),
              );
              return (
                <Row
                  key={agent.id}
                  name={
                    <Link to="/agents/$id" params={{ id: agent.id }}>
                      {agent.name}
                    </Link>
                  }
                  lines={lines}
                  look={agent.heldBy ? PAUSED : lines.length > 0 ? lookOf(lines, false) : null}
                  note={agent.heldBy?.reason ?? (lines.length === 0 ? t('No limit of its own.') : undefined)}
                  action={
                    operates && (
                      <Button
                        onClick={() => setChanging(agent)}
                        aria-label={t('{value} the budget of {name}', {
                          value: agent.budget ? t('Change') : t('Set'),
                          name: agent.name,
                        })}
                      >
                        {agent.budget ? t('Change') : t('Set')}
                      </Button>
                    )
                  }
                />
              );
            })}
            {shown.length === 0 && (
              <li>
                <Empty icon="agent" title={t('No agent here uses tokens')}>
                  {t('A budget for each day can be given to agents that do: claude, codex, gemini, opencode and acp.')}
                </Empty>
              </li>
            )}
          </ul>
        )}
      </Panel>
      {changing && <BudgetDialog agent={changing} onClose={() => setChanging(null)} />}
    </>
  );
}

function Row({
  name,
  lines,
  look,
  note,
  action,
}: {
  name: ReactNode;
  lines: readonly BudgetLine[];
  look: Look | null;
  note?: string | undefined;
  action?: ReactNode;
}) {
  return (
    <li className={styles['row']}>
      <div className={styles['name']}>
        {name}
        {look && <StatusBadge look={look} />}
      </div>
      <div className={styles['lines']}>
        {lines.map(({ what, share, words }) => (
          <Meter key={what} share={share} text={words} />
        ))}
        {note && <p>{note}</p>}
      </div>
      <div className={styles['action']}>{action}</div>
    </li>
  );
}

/** Over its limit and not held: somebody has raised it for today. */
function lookOf(lines: readonly BudgetLine[], waits: boolean): Look {
  if (waits) return PAUSED;
  return lines.some(({ share }) => share >= 1) ? USED_UP : WITHIN;
}

/** Without an agent and an execution it is the budget of all. */
function isAsked(items: readonly InboxItem[], agentId: string | undefined): boolean {
  return items.some((item) => item.agentId === agentId && item.executionId === undefined);
}
