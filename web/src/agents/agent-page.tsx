import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useRef } from 'react';
import type { Agent } from '../../../src/contract/agents.ts';
import { agentReason } from '../../../src/contract/agent-reason.ts';
import { meQuery } from '../api/queries.ts';
import { OpenOnDesk } from '../desk/open-on-desk.tsx';
import { hasTerminal, panelOfAgent } from '../desk/panel-kinds.ts';
import { EmbedButton } from '../embed/embed-dialog.tsx';
import { useAgent, useInbox } from '../live/use-topic.ts';
import { Page } from '../shell/page.tsx';
import { Age } from '../ui/age.tsx';
import { Loading } from '../ui/empty.tsx';
import { NoAgent } from './no-agent.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Icon } from '../ui/icon.tsx';
import { VisibleText } from '../ui/visible-text.tsx';
import { useKeys } from '../ui/keys.ts';
import { Panel } from '../ui/panel.tsx';
import { StatusBadge } from '../ui/status-badge.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { moneyWords } from '../ui/time-words.ts';
import { AGENT_LOOK } from '../ui/tone.ts';
import { AgentActions } from './agent-actions.tsx';
import { loadWords, traitWords } from './agent-facts.ts';
import { Conversation } from './conversation.tsx';
import { EvidencePanel } from './evidence-panel.tsx';
import { InstructionsPanel } from './instructions-panel.tsx';
import { TaskComposer } from './task-composer.tsx';
import { TaskProgressLine } from './task-progress-line.tsx';
import { TaskList } from './task-list.tsx';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import styles from './agent-page.module.css';

const TerminalView = lazy(() =>
  import('../terminal/terminal-view.tsx').then((module) => ({ default: module.TerminalView })),
);

/** One agent: its terminal live or its conversation, what it was asked, why we say what it does. */
export function AgentPage() {
  const { id } = useParams({ from: '/app/agents/$id' });
  const { tab = 'terminal' } = useSearch({ from: '/app/agents/$id' });
  const navigate = useNavigate();
  const { data, error } = useAgent(id);
  const me = useQuery(meQuery).data;
  const waiting = useInbox().data?.open.find((item) => item.agentId === id);
  const composer = useRef<HTMLTextAreaElement>(null);
  useKeys(
    'Agent',
    me?.permissions.includes('operate') && data && !data.agent.adopted
      ? { p: [t('Write a task'), () => composer.current?.focus()] }
      : {},
  );

  if (!data) {
    return (
      <Page title={t('Agent')} back={{ to: '/', label: t('Overview') }}>
        {data === null ? (
          <NoAgent />
        ) : error ? (
          <ErrorNote error={new Error(error)} />
        ) : (
          <Loading rows={8} label={t('Loading the agent')} />
        )}
      </Page>
    );
  }
  const { agent, tasks, progress } = data;
  const told = progress.find(({ taskId }) => taskId === agent.currentTask);
  const operates = me?.permissions.includes('operate') ?? false;
  const inTerminal = hasTerminal(agent);
  return (
    <Page
      title={agent.name}
      back={{ to: '/', label: t('Agents') }}
      status={<StatusBadge look={AGENT_LOOK[agent.status]} />}
      actions={
        <>
          <OpenOnDesk panels={[{ ...panelOfAgent(agent), ...(tab === 'conversation' ? { kind: tab } : {}) }]} />
          {operates && <EmbedButton what={{ show: 'agent', id }} />}
          {operates && <AgentActions agent={agent} />}
        </>
      }
      meta={<Facts agent={agent} />}
    >
      <p className={styles['reason']}>
        {agentReason(agent) || AGENT_LOOK[agent.status].word}{' '}
        <span>{rich('· for {statusSince}', { statusSince: <Age since={agent.statusSince} /> })}</span>
      </p>
      {told && <TaskProgressLine progress={told} />}
      {agent.adopted && (
        <p className={styles['reason']}>
          {t(
            'It runs where a person started it and is only observed. Restart it, and it goes on with the same conversation here, with its requests in the inbox and tasks of its own.',
          )}
        </p>
      )}
      {agent.warnings?.map((warning) => (
        <p key={warning} className={styles['warning']}>
          <Icon name="alert" /> <VisibleText text={warning} />
        </p>
      ))}
      {waiting && (
        <Link to="/inbox" search={{ item: waiting.id }} className={styles['waiting'] ?? ''}>
          <Icon name="hand" />
          <span>
            {rich('{b} waits for your answer', {
              b: (
                <b>
                  <VisibleText text={waiting.title} />
                </b>
              ),
            })}
          </span>
          <Icon name="arrowRight" />
        </Link>
      )}
      <div className={styles['columns']}>
        <div className={styles['terminal']}>
          {inTerminal && (
            <Tabs
              label={t('What is shown of the agent')}
              value={tab}
              onChange={(value) =>
                void navigate({ to: '/agents/$id', params: { id }, search: { tab: value }, replace: true })
              }
              tabs={[
                { value: 'terminal', label: t('Terminal') },
                { value: 'conversation', label: t('Conversation') },
              ]}
            />
          )}
          {!inTerminal || tab === 'conversation' ? (
            <Panel title={inTerminal ? undefined : t('Conversation')} flush className={styles['conversation']}>
              <Conversation agent={agent} tasks={tasks} />
            </Panel>
          ) : (
            <Suspense fallback={<div className={styles['held']} />}>
              <TerminalView
                agentId={agent.id}
                name={agent.name}
                mayType={operates}
                blocked={agent.status === 'blocked' && !agent.adopted}
                running={!['stopped', 'starting', 'crashed'].includes(agent.status)}
              />
            </Suspense>
          )}
        </div>
        <div className={styles['side']}>
          {operates && !agent.adopted && <TaskComposer agent={agent} field={composer} />}
          <TaskList tasks={tasks} progress={progress} mayOperate={operates} />
          <EvidencePanel agent={agent} />
          <InstructionsPanel agent={agent} mayOperate={operates} />
        </div>
      </div>
    </Page>
  );
}

function Facts({ agent }: { agent: Agent }) {
  return (
    <>
      <span>{traitWords(agent.role, agent.kind, agent.model)}</span>
      <span title={agent.workspace.path} className={styles['path']}>
        {agent.workspace.path}
        {agent.workspace.branch && ` (${agent.workspace.branch})`}
      </span>
      <span className={styles['steady']}>
        {[loadWords(agent), agent.cost > 0 && moneyWords(agent.cost)].filter(Boolean).join(' · ')}
      </span>
      <span>{agent.host}</span>
    </>
  );
}
