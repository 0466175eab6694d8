import type { Problem } from '../../../src/contract/problem.ts';
import { Empty } from '../ui/empty.tsx';
import { Icon } from '../ui/icon.tsx';
import { t } from '../words/words.ts';
import styles from './problem-list.module.css';

export function ProblemList({ problems, onNode }: { problems: readonly Problem[]; onNode: (nodeId: string) => void }) {
  if (problems.length === 0) return <Empty icon="check" title={t('No problems')} />;
  return (
    <ul className={styles['list']}>
      {problems.map((problem, index) => (
        <li key={index} data-severity={problem.severity}>
          <Icon name="alert" size={15} />
          <div>
            <p>{problem.message}</p>
            <span>
              {problem.severity} · {problem.code} · <code>{problem.path || '/'}</code>
              {problem.line !== undefined &&
                t(' · line {line}, column {column}', { line: problem.line, column: problem.column ?? 1 })}
            </span>
          </div>
          {problem.nodeId && (
            <button type="button" onClick={() => onNode(problem.nodeId ?? '')}>
              {problem.nodeId}
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}
