import { Link } from '@tanstack/react-router';
import type { AgentDefinitionFile } from '../../../src/contract/agent-definitions.ts';
import { useAgents } from '../live/use-topic.ts';
import { Icon } from '../ui/icon.tsx';
import { t } from '../words/words.ts';
import styles from './definition-use.module.css';

/** Where a definition lies and whom a change of it reaches; of a bad file, what counts meanwhile. */
export function DefinitionUse({ file }: { file: AgentDefinitionFile }) {
  const agents = useAgents().data ?? [];
  const inForce = file.description !== undefined;
  return (
    <div className={styles['use']}>
      {file.problems.length > 0 && (
        <div className={styles['broken']} role="alert">
          <Icon name="alert" size={18} />
          <p>
            <b>{t('This file is not valid.')}</b>{' '}
            {inForce
              ? t('Its agents keep what it said when it was last good.')
              : t(
                  'It has not been good yet, so no agent can be given it. Agents that have it keep what it said before.',
                )}
          </p>
        </div>
      )}
      <dl>
        <dt>{t('File')}</dt>
        <dd>
          <code>{file.file}</code>
        </dd>
        <dt>{t('Used by')}</dt>
        <dd>
          {file.agents.length === 0
            ? t('no agent')
            : file.agents.map((name, index) => {
                const agent = agents.find((each) => each.name === name);
                return (
                  <span key={name}>
                    {index > 0 && ', '}
                    {agent ? (
                      <Link to="/agents/$id" params={{ id: agent.id }}>
                        {name}
                      </Link>
                    ) : (
                      name
                    )}
                  </span>
                );
              })}
        </dd>
      </dl>
    </div>
  );
}
