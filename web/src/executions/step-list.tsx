import { memo, useCallback, useEffect, useMemo, useRef } from 'react';
import type { Step } from '../../../src/contract/executions.ts';
import type { TaskProgress } from '../../../src/contract/tasks.ts';
import { Empty } from '../ui/empty.tsx';
import { Icon } from '../ui/icon.tsx';
import { Panel } from '../ui/panel.tsx';
import { STEP_LOOK } from '../ui/tone.ts';
import { VisibleText } from '../ui/visible-text.tsx';
import { Elapsed } from './elapsed.tsx';
import type { StepTime } from './step-times.ts';
import { share, type TimeScale } from './time-scale.ts';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import styles from './step-list.module.css';

interface Props {
  steps: readonly Step[];
  /** Of those that have a place on it. */
  times: readonly StepTime[];
  scale: TimeScale;
  progress: readonly TaskProgress[];
  selected: string | null;
  /** Steps of other nodes step back. */
  node: string | null;
  onSelect: (step: Step) => void;
}

/** Every step, oldest first, each with its place on one common timeline. */
export function StepList({ steps, times, scale, progress, selected, node, onSelect }: Props) {
  const bars = useMemo(
    () => new Map(times.map(({ step, from, to }) => [step.id, { start: share(scale, from), end: share(scale, to) }])),
    [times, scale],
  );
  // The same function for as long as we live: a row is drawn again only when it has changed itself.
  const newest = useRef(onSelect);
  useEffect(() => {
    newest.current = onSelect;
  });
  const choose = useCallback((step: Step) => newest.current(step), []);
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const row = list.current?.querySelector<HTMLElement>('[aria-current="true"]');
    // Only the list scrolls, never the page.
    if (
      row &&
      list.current &&
      (row.offsetTop < list.current.scrollTop ||
        row.offsetTop + row.offsetHeight > list.current.scrollTop + list.current.clientHeight)
    ) {
      list.current.scrollTop = row.offsetTop - list.current.clientHeight / 2;
    }
  }, [selected]);
  return (
    <Panel title={t('Steps')} count={steps.length} flush className={styles['panel']}>
      <div className={styles['list']} ref={list}>
        {steps.length === 0 && <Empty icon="execution" title={t('No step has started yet')} />}
        {steps.map((step) => {
          const bar = bars.get(step.id);
          return (
            <StepRow
              key={step.id}
              step={step}
              barStart={bar?.start}
              barEnd={bar?.end}
              // What is over has an end of its own.
              told={step.finishedAt ? undefined : progress.find(({ taskId }) => taskId === step.taskId)}
              apart={node !== null && step.nodeId !== node}
              current={step.id === selected}
              onSelect={choose}
            />
          );
        })}
      </div>
    </Panel>
  );
}

interface RowProps {
  step: Step;
  /** Shares of the timeline; absent for what has no place on it. */
  barStart: number | undefined;
  barEnd: number | undefined;
  told: TaskProgress | undefined;
  apart: boolean;
  current: boolean;
  onSelect: (step: Step) => void;
}

/** Drawn again only when something of it changes: an execution may have a thousand of them. */
const StepRow = memo(function StepRow({ step, barStart, barEnd, told, apart, current, onSelect }: RowProps) {
  const look = STEP_LOOK[step.status];
  return (
    <button
      type="button"
      className={styles['step']}
      data-tone={look.tone}
      data-apart={apart}
      aria-current={current}
      onClick={() => onSelect(step)}
    >
      <Icon name={look.icon} size={15} className={`${styles['icon']} ${look.moving ? styles['moving'] : ''}`} />
      <span className={styles['name']}>
        {step.nodeId}
        {step.item && <small>[{step.item.key ?? step.item.index}]</small>}
        {step.iteration > 1 && (
          <small title={t('Iteration {iteration}', { iteration: step.iteration })}>
            {rich('round {iteration}', { iteration: step.iteration })}
          </small>
        )}
        {step.attempt > 1 && (
          <small title={t('Attempt {attempt}', { attempt: step.attempt })}>
            {rich('try {attempt}', { attempt: step.attempt })}
          </small>
        )}
        {step.carriedFrom && (
          <small title={t('Kept from the execution before; it did not run here')}>{t('kept')}</small>
        )}
      </span>
      <span className={styles['word']}>{look.word}</span>
      <span className={styles['time']}>
        {step.status === 'skipped' ? '' : <Elapsed startedAt={step.startedAt} finishedAt={step.finishedAt} />}
      </span>
      <span className={styles['line']} aria-hidden="true">
        {barStart !== undefined && barEnd !== undefined && (
          <span style={{ left: `${barStart * 100}%`, width: `${Math.max(0.8, (barEnd - barStart) * 100)}%` }} />
        )}
      </span>
      {told && (
        <span className={styles['told']}>
          {told.percent !== undefined && `${Math.round(told.percent)} % · `}
          <VisibleText text={told.message} />
        </span>
      )}
    </button>
  );
});
