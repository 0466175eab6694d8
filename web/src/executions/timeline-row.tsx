import type { Step } from '../../../src/contract/executions.ts';
import { Icon } from '../ui/icon.tsx';
import { durationWords } from '../ui/time-words.ts';
import { STEP_LOOK } from '../ui/tone.ts';
import type { StepTime } from './step-times.ts';
import { share, type TimeScale } from './time-scale.ts';
import { stepName, timeWords } from './timeline-words.ts';
import styles from './timeline-view.module.css';

interface Props {
  id: string;
  time: StepTime;
  scale: TimeScale;
  top: number;
  /** Pixels of the whole time. */
  track: number;
  critical: boolean;
  selected: boolean;
  active: boolean;
  place: { index: number; count: number };
  onPoint: (index: number) => void;
  onSelect: (step: Step) => void;
}

const LEAST_PX = 3; // what took no time is still seen

export function TimelineRow(props: Props) {
  const { id, time, scale, top, track, critical, selected, active, place, onPoint, onSelect } = props;
  const { step, ready, from, to } = time;
  const look = STEP_LOOK[step.status];
  const px = (at: number): number => share(scale, at) * track;
  const end = Math.max(px(to), px(from) + LEAST_PX);
  const words = step.startedAt ? durationWords(to - from) : 'pending';
  return (
    <div
      id={id}
      role="option"
      aria-selected={selected}
      aria-posinset={place.index + 1}
      aria-setsize={place.count}
      className={styles['row']}
      data-active={active}
      data-critical={critical}
      data-tone={look.tone}
      style={{ top }}
      onMouseEnter={() => onPoint(place.index)}
      onClick={() => onSelect(step)}
    >
      {/* What is drawn says it to the eye. */}
      <span className="sr-only">{timeWords(time, critical)}</span>
      <span className={styles['label']} aria-hidden="true">
        <Icon name={look.icon} size={13} className={styles['icon']} />
        <span>{stepName(time)}</span>
      </span>
      <span className={styles['track']} aria-hidden="true" style={{ width: track }}>
        {time.segments.map((segment) => (
          <i
            key={`${segment.kind} ${segment.from}`}
            className={styles['segment']}
            data-kind={segment.kind}
            style={{ left: px(segment.from), width: Math.max(LEAST_PX, px(segment.to) - px(segment.from)) }}
          />
        ))}
        {to === from && (
          <i className={styles['segment']} data-kind="work" style={{ left: px(from), width: LEAST_PX }} />
        )}
        {critical && (
          <i className={styles['path']} style={{ left: px(ready), width: Math.max(LEAST_PX, end - px(ready)) }} />
        )}
        {/* Beside the bar, on the side where there is room. */}
        <span
          className={styles['words']}
          style={end > track * 0.8 && px(ready) > 90 ? { right: track - px(ready) + 6 } : { left: end + 6 }}
          data-inside={end > track - 70 && px(ready) <= 90}
        >
          {words}
        </span>
      </span>
    </div>
  );
}
