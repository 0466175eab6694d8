import { useEffect, useMemo, useRef, useState } from 'react';
import type { Agent } from '../../../src/contract/agents.ts';
import { agentReason } from '../../../src/contract/agent-reason.ts';
import { ansiSpans } from '../executions/ansi-spans.ts';
import { Age } from '../ui/age.tsx';
import { StatusBadge } from '../ui/status-badge.tsx';
import { AGENT_LOOK } from '../ui/tone.ts';
import { lastLines } from './last-lines.ts';
import { useScreen } from './use-screen.ts';
import styles from './wall.module.css';

const LINES = 18;

interface Props {
  agent: Agent;
  chosen: boolean;
  onChoose: () => void;
  onOpen: () => void;
}

/** One terminal, small: its last lines as text. Enter or a click makes it large, a double click opens its page. */
export function Tile({ agent, chosen, onChoose, onOpen }: Props) {
  const tile = useRef<HTMLButtonElement>(null);
  const [seen, setSeen] = useState(false);
  const [focused, setFocused] = useState(false);
  const running = !['stopped', 'starting', 'crashed'].includes(agent.status);
  const screen = useScreen(agent.id, { looks: seen && running, close: focused });
  useEffect(() => {
    if (!tile.current) return;
    const watched = new IntersectionObserver(([entry]) => setSeen(entry?.isIntersecting ?? false), {
      rootMargin: '80px',
    });
    watched.observe(tile.current);
    return () => watched.disconnect();
  }, []);
  return (
    <button
      ref={tile}
      type="button"
      className={styles['tile']}
      aria-pressed={chosen}
      data-tone={AGENT_LOOK[agent.status].tone}
      onClick={onChoose}
      onDoubleClick={onOpen}
      onFocus={() => setFocused(true)}
      onBlur={() => setFocused(false)}
    >
      <span className={styles['head']}>
        <b>{agent.name}</b>
        <StatusBadge look={AGENT_LOOK[agent.status]} plain still />
        <span className={styles['age']}>
          <Age since={agent.statusSince} />
        </span>
      </span>
      <span className={styles['screen']}>
        {running && screen !== null ? (
          <Screen text={screen} />
        ) : (
          <span className={styles['quiet']}>{running ? ' ' : agentReason(agent)}</span>
        )}
      </span>
    </button>
  );
}

function Screen({ text }: { text: string }) {
  const spans = useMemo(() => ansiSpans(lastLines(text, LINES)), [text]);
  return (
    <span className={styles['text']} aria-hidden="true">
      {spans.map((span, index) =>
        span.color === null && !span.bold && !span.dim ? (
          span.text
        ) : (
          <span
            key={index}
            className={typeof span.color === 'number' ? styles[`c${span.color}`] : span.dim ? styles['c8'] : undefined}
            style={{
              ...(typeof span.color === 'string' ? { color: span.color } : {}),
              ...(span.bold ? { fontWeight: 650 } : {}),
            }}
          >
            {span.text}
          </span>
        ),
      )}
    </span>
  );
}
