import type { Problem } from '../../../src/contract/problem.ts';
import { Empty } from '../ui/empty.tsx';
import { Icon } from '../ui/icon.tsx';
import { t } from '../words/words.ts';
import styles from './problem-pane.module.css';

/** Everything that is wrong; each leads to its field. */
export function ProblemPane({
  problems,
  onProblem,
}: {
  problems: readonly Problem[];
  onProblem: (problem: Problem) => void;
}) {
  if (problems.length === 0) return <Empty icon="check" title={t('No problems')} />;
  return (
    <ul className={styles['list']}>
      {problems.map((problem, index) => (
        <li key={index}>
          <button type="button" data-severity={problem.severity} onClick={() => onProblem(problem)}>
            <Icon name="alert" size={15} />
            <span>
              {problem.message}
              <small>
                {problem.severity} · {problem.nodeId ? `${problem.nodeId} · ` : ''}
                <code>{problem.path || '/'}</code>
              </small>
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}
