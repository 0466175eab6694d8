import { Link } from '@tanstack/react-router';
import type { Step } from '../../../src/contract/executions.ts';
import type { TaskProgress } from '../../../src/contract/tasks.ts';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { ReceiptList } from '../agents/receipt-list.tsx';
import { taskQuery } from '../api/queries.ts';
import { TaskProgressLine } from '../agents/task-progress-line.tsx';
import { TaskChanges } from '../changes/task-changes.tsx';
import { JsonExplorer } from '../ui/json-explorer.tsx';
import { pathWords } from '../ui/json-paths.ts';
import { useKeys } from '../ui/keys.ts';
import { StatusBadge } from '../ui/status-badge.tsx';
import { clockWords } from '../ui/time-words.ts';
import { STEP_LOOK } from '../ui/tone.ts';
import { VisibleText } from '../ui/visible-text.tsx';
import { Elapsed } from './elapsed.tsx';
import { stepReason } from './step-reason.ts';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import styles from './step-detail.module.css';

interface Props {
  step: Step;
  steps: readonly Step[];
  progress: readonly TaskProgress[];
  mayOperate: boolean;
  onSelect: (step: Step) => void;
  onLog: () => void;
  /** Opens the terminal of this agent beside the page. */
  onAgent: (agentId: string) => void;
  /** Where a retry may begin here. */
  retry?: { busy: boolean; from: (nodeId: string) => void } | undefined;
}

/** One step: how it went, what went in, what came out. */
export function StepDetail({ step, steps, progress, mayOperate, onSelect, onLog, onAgent, retry }: Props) {
  const task = useQuery({ ...taskQuery(step.taskId ?? '', step.status), enabled: step.taskId !== undefined }).data;
  useKeys('Execution', {
    ...(task ? { o: [t('The terminal of the step’s agent'), () => onAgent(task.agentId)] } : {}),
    ...(retry && step.status !== 'skipped'
      ? { r: [t('Retry from this step'), retry.busy ? null : () => retry.from(step.nodeId)] }
      : {}),
  });
  const output = useMemo(() => (task?.workspace ? withoutDiff(step.output) : step.output), [task, step.output]);
  const data = useMemo(
    () => [
      {
        title: t('Output'),
        value: output,
        root: pathWords('nodes', [step.nodeId, 'output']),
        none: step.finishedAt ? t('None') : t('Not yet'),
      },
      { title: t('Input'), value: step.input, root: 'input', none: t('None') },
    ],
    [output, step],
  );
  const told = progress.find(({ taskId }) => taskId === step.taskId);
  const others = steps.filter((other) => other.nodeId === step.nodeId && other.item?.index === step.item?.index);
  return (
    <div className={styles['detail']}>
      <div className={styles['facts']}>
        <StatusBadge look={STEP_LOOK[step.status]} />
        <span>
          <Elapsed startedAt={step.startedAt} finishedAt={step.finishedAt} />
        </span>
        {step.startedAt && <span>{rich('from {startedAt}', { startedAt: clockWords(step.startedAt) })}</span>}
        {step.item && <span>{rich('item {key}', { key: step.item.key ?? step.item.index })}</span>}
        {task && (
          <button type="button" title={t('Its terminal, beside this page (o)')} onClick={() => onAgent(task.agentId)}>
            {t('Open its agent here')}
          </button>
        )}
        {step.childExecutionId && (
          <Link to="/executions/$id" params={{ id: step.childExecutionId }}>
            {t('Open its execution')}
          </Link>
        )}
        <button type="button" onClick={onLog}>
          {t('Its log')}
        </button>
        {retry && step.status !== 'skipped' && (
          <button
            type="button"
            disabled={retry.busy}
            title={t('A new execution runs this node again, and everything that depends on it')}
            onClick={() => retry.from(step.nodeId)}
          >
            {t('Retry from here')}
          </button>
        )}
      </div>
      {step.carriedFrom && (
        <p className={styles['reason']}>{t('Kept from the execution before; it did not run here.')}</p>
      )}
      {step.reason && (
        <p className={styles['reason']}>
          <VisibleText text={stepReason(step.reason)} />
        </p>
      )}
      {others.length > 1 && (
        <div className={styles['others']} role="group" aria-label={t('Attempts and iterations')}>
          {others.map((other) => (
            <button key={other.id} type="button" aria-pressed={other.id === step.id} onClick={() => onSelect(other)}>
              {rich('{value}try {attempt}', {
                value:
                  other.iteration > 1 || others.some((each) => each.iteration > 1)
                    ? t('round {iteration}, ', { iteration: other.iteration })
                    : '',
                attempt: other.attempt,
              })}
            </button>
          ))}
        </div>
      )}
      {told && !step.finishedAt && <TaskProgressLine progress={told} />}
      {step.error && (
        <div className={styles['error']}>
          <code>{step.error.code}</code>
          {step.error.path && <code>{step.error.path}</code>}
          <p>{step.error.message}</p>
        </div>
      )}
      {task && <TaskChanges task={task} mayDecide={mayOperate} />}
      {task && <ReceiptList receipts={task.receipts} />}
      <JsonExplorer parts={data} />
    </div>
  );
}

/** The diff is shown as changes, not as text. */
function withoutDiff(output: unknown): unknown {
  if (typeof output !== 'object' || output === null || !('diff' in output)) return output;
  const { diff: _diff, ...rest } = output;
  return rest;
}
