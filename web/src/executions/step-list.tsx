import { useEffect, useRef } from 'react';
import type { Step } from '../../../src/contract/executions.ts';
import { Empty } from '../ui/empty.tsx';
import { Icon } from '../ui/icon.tsx';
import { useNow } from '../ui/now.ts';
import { Panel } from '../ui/panel.tsx';
import { STEP_LOOK } from '../ui/tone.ts';
import { Elapsed } from './elapsed.tsx';
import { type Bar, timeline } from './timeline.ts';
import styles from './step-list.module.css';

interface Props {
  steps: readonly Step[];
  selected: string | null;
  /** Steps of other nodes step back. */
  node: string | null;
  onSelect: (step: Step) => void;
}

/** Every step, oldest first, each with its place on one common timeline. */
export function StepList({ steps, selected, node, onSelect }: Props) {
  const now = useNow();
  // What was kept ran at another time: it has no place on this one.
  const bars = timeline(
    steps.filter((step) => !step.carriedFrom),
    now,
  );
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
    <Panel title="Steps" count={steps.length} flush className={styles['panel']}>
      <div className={styles['list']} ref={list}>
        {steps.length === 0 && <Empty icon="execution" title="No step has started yet" />}
        {steps.map((step) => {
          const look = STEP_LOOK[step.status];
          return (
            <button
              key={step.id}
              type="button"
              className={styles['step']}
              data-tone={look.tone}
              data-apart={node !== null && step.nodeId !== node}
              aria-current={step.id === selected}
              onClick={() => onSelect(step)}
            >
              <Icon name={look.icon} size={15} className={`${styles['icon']} ${look.moving ? styles['moving'] : ''}`} />
              <span className={styles['name']}>
                {step.nodeId}
                {step.item && <small>[{step.item.key ?? step.item.index}]</small>}
                {step.iteration > 1 && <small title={`Iteration ${step.iteration}`}>round {step.iteration}</small>}
                {step.attempt > 1 && <small title={`Attempt ${step.attempt}`}>try {step.attempt}</small>}
                {step.carriedFrom && <small title="Kept from the execution before; it did not run here">kept</small>}
              </span>
              <span className={styles['word']}>{look.word}</span>
              <span className={styles['time']}>
                {step.status === 'skipped' ? '' : <Elapsed startedAt={step.startedAt} finishedAt={step.finishedAt} />}
              </span>
              <TimeBar bar={bars.get(step.id)} />
            </button>
          );
        })}
      </div>
    </Panel>
  );
}

function TimeBar({ bar }: { bar: Bar | undefined }) {
  return (
    <span className={styles['line']} aria-hidden="true">
      {bar && <span style={{ left: `${bar.start * 100}%`, width: `${Math.max(0.8, (bar.end - bar.start) * 100)}%` }} />}
    </span>
  );
}
