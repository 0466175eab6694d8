import { Link } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { Icon } from '../ui/icon.tsx';
import { type JsonChange, pathWords } from '../ui/json-paths.ts';
import { StatusBadge } from '../ui/status-badge.tsx';
import { durationWords } from '../ui/time-words.ts';
import { STEP_LOOK } from '../ui/tone.ts';
import { VisibleText } from '../ui/visible-text.tsx';
import type { NodeComparison } from './execution-comparison.ts';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import styles from './comparison-page.module.css';

interface Props {
  node: NodeComparison;
  open: boolean;
  onOpen: (open: boolean) => void;
  links: { a: string; b: string };
}

const MOST_SHOWN = 100;
const OUTPUT = { equal: t('same output'), different: t('other output'), only_one: t('only one') } as const;

/** One node in both executions: status, attempts and time, and where its input and output differ. */
export function ComparedNode({ node, open, onOpen, links }: Props) {
  const details = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    if (open) details.current?.scrollIntoView({ block: 'nearest' });
  }, [open]);
  return (
    <details ref={details} className={styles['node']} open={open} data-differs={node.differs}>
      <summary
        onClick={(event) => {
          event.preventDefault(); // the address says what is open
          onOpen(!open);
        }}
      >
        <span className={styles['name']}>
          <Icon name={node.differs ? 'edit' : 'check'} size={13} />
          <b>{node.id}</b>
        </span>
        <Side letter="A" side={node.a} />
        <Side letter="B" side={node.b} />
        <span className={styles['longer']} data-slower={(node.longerMs ?? 0) > 0}>
          {node.longerMs === null || node.longerMs === 0
            ? ''
            : node.longerMs > 0
              ? t('{duration} longer', { duration: durationWords(node.longerMs) })
              : t('{duration} shorter', { duration: durationWords(-node.longerMs) })}
        </span>
        <span className={styles['output']}>{OUTPUT[node.output]}</span>
      </summary>
      {open && (
        <div className={styles['inside']}>
          <h3>{t('Output')}</h3>
          <ChangeList
            changes={node.outputs}
            root={pathWords('nodes', [node.id, 'output'])}
            same={sameWords(node, 'output')}
          />
          <h3>{t('Input')}</h3>
          <ChangeList changes={node.inputs} root="input" same={sameWords(node, 'input')} />
          <p className={styles['links']}>
            {node.a && (
              <Link to="/executions/$id" params={{ id: links.a }} search={{ node: node.id }}>
                {rich('{id} in A', { id: node.id })}
              </Link>
            )}
            {node.b && (
              <Link to="/executions/$id" params={{ id: links.b }} search={{ node: node.id }}>
                {rich('{id} in B', { id: node.id })}
              </Link>
            )}
          </p>
        </div>
      )}
    </details>
  );
}

function sameWords(node: NodeComparison, what: string): string {
  if (node.a && node.b) return t('The {what} is the same.', { what });
  return node.a ? t('It was not reached in B.') : t('It was not reached in A.');
}

function Side({ letter, side }: { letter: string; side: NodeComparison['a'] }) {
  if (!side) return <span className={styles['none']}>{rich('{letter}: not reached', { letter })}</span>;
  const attempts = [
    side.iterations > 1 && t('{iterations} rounds', { iterations: side.iterations }),
    side.attempts > side.iterations && t('{attempts} attempts', { attempts: side.attempts }),
    side.itemAttempts && t('{itemAttempts} items', { itemAttempts: side.itemAttempts }),
    side.carried && t('kept'),
  ].filter(Boolean);
  return (
    <span className={styles['status']}>
      <span className="sr-only">{letter}:</span>
      <StatusBadge look={STEP_LOOK[side.status]} plain />
      <small>
        {[side.carried || side.durationMs === null ? '' : durationWords(side.durationMs), ...attempts]
          .filter(Boolean)
          .join(' · ')}
      </small>
    </span>
  );
}

/** Place by place what it was and what it is. */
export function ChangeList({ changes, root, same }: { changes: readonly JsonChange[]; root: string; same: string }) {
  if (changes.length === 0) return <p className={styles['none']}>{same}</p>;
  return (
    <ul className={styles['changes']}>
      {changes.slice(0, MOST_SHOWN).map(({ path, a, b }) => {
        const words = pathWords(root, path);
        return (
          <li key={words}>
            <code>{words}</code>
            <Value letter="A" value={a} />
            <Value letter="B" value={b} />
          </li>
        );
      })}
      {changes.length > MOST_SHOWN && (
        <li>{rich('and {count} more places', { count: changes.length - MOST_SHOWN })}</li>
      )}
    </ul>
  );
}

function Value({ letter, value }: { letter: 'A' | 'B'; value: unknown }) {
  return (
    <pre className={styles['value']} data-letter={letter} tabIndex={0} aria-label={t('In {letter}', { letter })}>
      <span aria-hidden="true">{letter === 'A' ? '−' : '+'} </span>
      {value === undefined ? (
        <i>{t('nothing')}</i>
      ) : (
        <VisibleText text={typeof value === 'string' ? value : JSON.stringify(value, null, 2)} />
      )}
    </pre>
  );
}
