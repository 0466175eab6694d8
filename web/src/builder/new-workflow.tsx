/** What a new workflow begins with: nothing, an example, or a file. */
import Button from '@mui/material/Button';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import releaseCheck from '../../../examples/release-check.yaml?raw';
import shipAChange from '../../../examples/ship-a-change.yaml?raw';
import { messageOf } from '../api/api-error.ts';
import { Page } from '../shell/page.tsx';
import { Loading } from '../ui/empty.tsx';
import { Icon } from '../ui/icon.tsx';
import { Panel } from '../ui/panel.tsx';
import { toast } from '../ui/toasts.ts';
import type { Doc } from './document.ts';
import { t } from '../words/words.ts';
import styles from './new-workflow.module.css';

const EMPTY: Doc = { pointsman: 1, name: t('New workflow'), nodes: [], edges: [] };
const EXAMPLES = [
  {
    key: 'release-check',
    title: t('Release check'),
    what: t('Four agents look at the repository at once; a person decides; the release is written.'),
    text: releaseCheck,
  },
  {
    key: 'ship-a-change',
    title: t('Ship a change'),
    what: t('An agent plans, others build in worktrees of their own, tests run, a loop mends what fails.'),
    text: shipAChange,
  },
] as const;
const FILE_MAX_BYTES = 5_000_000; // what the server takes, and more than anybody writes

const exampleOf = (from: string | undefined) => EXAMPLES.find(({ key }) => key === from);

/** What the address says that a new workflow begins with; null when that is nothing, or was not read yet. */
export function useExample(from: string | undefined): Doc | null {
  const example = exampleOf(from);
  const { data } = useQuery({
    queryKey: ['example', from],
    queryFn: () => documentIn(example?.text ?? ''),
    enabled: example !== undefined,
    staleTime: Infinity,
  });
  return from === 'empty' ? EMPTY : (data ?? null);
}

export function NewWorkflow({ from, onRead }: { from: string | undefined; onRead: (document: Doc) => void }) {
  const navigate = useNavigate();
  const go = (key: string): void => void navigate({ to: '/workflows/new', search: { from: key } });
  const take = (text: string): Promise<void> =>
    documentIn(text).then(onRead, (error: unknown) => toast(messageOf(error), { tone: 'bad' }));
  return (
    <Page title={t('New workflow')} back={{ to: '/workflows', label: t('Workflows') }}>
      {exampleOf(from) ? (
        <Loading rows={9} label={t('Reading the example')} />
      ) : (
        <Panel title={t('Begin with')}>
          <div className={styles['ways']}>
            <button type="button" onClick={() => go('empty')}>
              <Icon name="plus" size={20} />
              <b>{t('An empty canvas')}</b>
              <span>{t('Put in nodes one after the other.')}</span>
            </button>
            {EXAMPLES.map(({ key, title, what }) => (
              <button key={key} type="button" onClick={() => go(key)}>
                <Icon name="workflow" size={20} />
                <b>{title}</b>
                <span>{what}</span>
              </button>
            ))}
            <label>
              <Icon name="upload" size={20} />
              <b>{t('A file')}</b>
              <span>{t('YAML or JSON. Opening it starts nothing.')}</span>
              <input
                type="file"
                accept=".yaml,.yml,.json"
                onChange={({ target }) => {
                  const [file] = target.files ?? [];
                  if (!file) return;
                  if (file.size > FILE_MAX_BYTES) toast(t('This file is too large for a workflow'), { tone: 'bad' });
                  else void file.text().then(take);
                  target.value = '';
                }}
              />
            </label>
          </div>
          <p className={styles['foot']}>
            <Button onClick={() => void navigate({ to: '/workflows' })}>{t('Cancel')}</Button>
          </p>
        </Panel>
      )}
    </Page>
  );
}

async function documentIn(text: string): Promise<Doc> {
  const { readYaml } = await import('./read-yaml.ts');
  const found = readYaml(text);
  if (found.outcome === 'document') return found.document;
  throw new Error(`Line ${found.problem.line ?? 1}: ${found.problem.message}`);
}
