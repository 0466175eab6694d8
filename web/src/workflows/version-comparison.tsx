import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { Workflow } from '../../../src/contract/workflows.ts';
import { workflowDifferenceQuery } from '../api/queries.ts';
import { Loading } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Icon } from '../ui/icon.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { PHONE, useMedia } from '../ui/use-media.ts';
import { comparedGraph } from './compared-graph.ts';
import { GraphView, type Mark, MARK_ICONS } from './graph-view.tsx';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import styles from './version-comparison.module.css';

interface Props {
  workflow: Workflow;
  versions: readonly { version: number; document: Record<string, unknown> }[];
  between: readonly [from: number, to: number];
  onClose: () => void;
}

/** What changed from one version to another: on the graph, and as text. */
export function VersionComparison({ workflow, versions, between, onClose }: Props) {
  const [[from, to], setBetween] = useState(between);
  const [view, setView] = useState('graph');
  const [node, setNode] = useState<string | null>(null);
  const phone = useMedia(PHONE);
  const { data, error, refetch } = useQuery(workflowDifferenceQuery(workflow.id, from, to));
  const drawn = useMemo(() => {
    const document = (version: number) => versions.find((one) => one.version === version)?.document ?? {};
    return data ? comparedGraph(document(from), document(to), data) : null;
  }, [data, versions, from, to]);
  const counts = drawn && countMarks([...drawn.marks.nodes.values(), ...drawn.marks.edges.values()]);
  const changed = data?.nodes.changed.find(({ id }) => id === node);
  const choose = (label: string, value: number, set: (version: number) => void) => (
    <select aria-label={label} value={value} onChange={(event) => set(Number(event.target.value))}>
      {versions.map(({ version }) => (
        <option key={version} value={version}>
          {rich('version {version}', { version })}
        </option>
      ))}
    </select>
  );
  return (
    <Dialog open onClose={onClose} maxWidth="xl" fullWidth fullScreen={phone} aria-labelledby="comparison-title">
      <header className={styles['head']}>
        <h2 id="comparison-title">{t('What changed')}</h2>
        {choose(t('From'), from, (version) => setBetween([version, to]))}
        <Icon name="arrowRight" size={14} />
        {choose(t('To'), to, (version) => setBetween([from, version]))}
        {counts && (
          <ul className={styles['legend']}>
            {(['added', 'removed', 'changed'] as const).map((mark) => (
              <li key={mark} data-mark={mark}>
                <Icon name={MARK_ICONS[mark]} size={12} /> {counts[mark]} {mark}
              </li>
            ))}
          </ul>
        )}
      </header>
      <Tabs
        label={t('How it is shown')}
        value={view}
        onChange={setView}
        tabs={[
          { value: 'graph', label: t('Graph') },
          { value: 'text', label: t('Text') },
        ]}
      />
      <div className={styles['body']}>
        {error ? (
          <ErrorNote error={error} onRetry={() => void refetch()} />
        ) : !data || !drawn ? (
          <Loading rows={6} label={t('Comparing')} />
        ) : view === 'graph' ? (
          <>
            <div className={styles['graph']}>
              <GraphView graph={drawn.graph} selected={node} onSelect={setNode} marks={drawn.marks} />
            </div>
            <p className={styles['what']} role="status">
              {node === null
                ? data.other.length > 0
                  ? t('Besides the graph: {other}', { other: data.other.join(', ') })
                  : t('Choose a node to see which of its fields changed.')
                : changed
                  ? `${node}: ${changed.fields.join(', ')}`
                  : `${node} ${drawn.marks.nodes.has(node) ? t('was {get}', { get: drawn.marks.nodes.get(node) }) : t('is as it was')}.`}
            </p>
          </>
        ) : data.text === '' ? (
          <p className={styles['what']}>{t('The documents are the same.')}</p>
        ) : (
          <pre tabIndex={0} className={styles['text']}>
            {data.text.split('\n').map((line, index) => (
              <span
                key={index}
                data-line={/^[+-](?![+-]{2} )/.test(line) ? line[0] : line.startsWith('@@') ? '@' : ' '}
              >
                {line}
                {'\n'}
              </span>
            ))}
          </pre>
        )}
      </div>
      <DialogActions>
        <Button onClick={onClose} autoFocus>
          {t('Close')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

function countMarks(marks: readonly Mark[]): Record<Mark, number> {
  const count = (mark: Mark): number => marks.filter((one) => one === mark).length;
  return { added: count('added'), removed: count('removed'), changed: count('changed') };
}
