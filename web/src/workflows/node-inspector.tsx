import type { Problem } from '../../../src/contract/problem.ts';
import { Empty } from '../ui/empty.tsx';
import { Icon } from '../ui/icon.tsx';
import { JsonTree } from '../ui/json-tree.tsx';
import { edgesOf, nodeOf } from './document-parts.ts';
import { nodeIcon } from './node-look.ts';
import { t } from '../words/words.ts';
import styles from './node-inspector.module.css';

/** What one node is told to do, as the document says it. */
export function NodeInspector({
  document,
  nodeId,
  problems,
}: {
  document: Record<string, unknown>;
  nodeId: string | null;
  problems: readonly Problem[];
}) {
  const node = nodeId === null ? null : nodeOf(document, nodeId);
  if (!node) {
    return (
      <Empty
        icon="workflow"
        title={nodeId === null ? t('Choose a node') : t('The document has no node {nodeId}', { nodeId })}
      >
        {t('Click a node of the graph to see its configuration.')}
      </Empty>
    );
  }
  const { id, type, config, position: _, ...options } = node;
  const edges = edgesOf(document, nodeId ?? '');
  const own = problems.filter((problem) => problem.nodeId === nodeId);
  return (
    <div className={styles['inspector']}>
      <h2 className={styles['head']}>
        <Icon name={nodeIcon(String(type))} /> {String(id)} <span>{String(type)}</span>
      </h2>
      {own.map((problem, index) => (
        <p key={index} className={styles['problem']} data-severity={problem.severity}>
          <code>{problem.path}</code> {problem.message}
        </p>
      ))}
      <Part title={t('Configuration')} value={config} />
      <Part title={t('Options')} value={options} />
      <section>
        <h3>{t('Edges')}</h3>
        {edges.length === 0 && <p className={styles['none']}>{t('None')}</p>}
        <ul>
          {edges.map((edge, index) => (
            <li key={index}>
              <code>{edge.from}</code> <Icon name="arrowRight" size={12} /> <code>{edge.to}</code>{' '}
              <span>{edge.rule}</span>
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}

function Part({ title, value }: { title: string; value: unknown }) {
  const empty = typeof value !== 'object' || value === null || Object.keys(value).length === 0;
  return (
    <section>
      <h3>{title}</h3>
      {empty ? <p className={styles['none']}>{t('None')}</p> : <JsonTree value={value} open={4} />}
    </section>
  );
}
