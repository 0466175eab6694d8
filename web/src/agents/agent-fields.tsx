import type { ReactNode } from 'react';
import type { Problem } from '../../../src/contract/problem.ts';
import { PERMISSION_MODES } from '../definitions/definition-fields.ts';
import { type AgentField, fieldsOf, type TypedAgent } from './new-agent.ts';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import styles from './new-agent-page.module.css';

interface Props {
  id: string;
  typed: TypedAgent;
  problems: Partial<Record<AgentField | '', Problem[]>>;
  definitions: readonly string[];
  onChange: (change: Partial<TypedAgent>) => void;
}
interface ControlProps {
  id: string;
  'aria-invalid': boolean;
  'aria-describedby': string;
}

/** Everything but the kind; only what says something for that kind. */
export function AgentFields({ id, typed, problems, definitions, onChange }: Props) {
  const shown = fieldsOf(typed);
  const field = (
    name: AgentField,
    {
      label,
      note,
      wide = false,
      required = false,
    }: { label: string; note: string; wide?: boolean; required?: boolean },
    control: (props: ControlProps) => ReactNode,
  ) => {
    if (!shown.has(name)) return null;
    const wrong = problems[name];
    return (
      <div className={`${styles['field']} ${wide ? styles['wide'] : ''}`}>
        <label htmlFor={`${id}-${name}`}>
          {label}
          {required && <em> {t('needed')}</em>}
        </label>
        {control({
          id: `${id}-${name}`,
          'aria-invalid': wrong !== undefined,
          'aria-describedby': `${id}-${name}-note`,
        })}
        <div id={`${id}-${name}-note`} className={styles['under']}>
          {wrong?.map(({ message }) => (
            <p key={message} className={styles['problem']}>
              {message}
            </p>
          )) ?? note}
        </div>
      </div>
    );
  };
  const line = (name: 'name' | 'role' | 'directory' | 'model' | 'command', placeholder = '') =>
    function Line(props: ControlProps) {
      return (
        <input
          type="text"
          {...props}
          value={typed[name]}
          placeholder={placeholder}
          autoComplete="off"
          spellCheck={false}
          data-code={name === 'directory' || name === 'command'}
          onChange={(event) => onChange({ [name]: event.target.value })}
        />
      );
    };
  const terminal =
    typed.kind === 'shell' ? t('Each task is a process of its own') : t('No terminal; its conversation is shown');
  return (
    <div className={styles['fields']}>
      {field('name', { label: t('Name'), note: t('What people and workflows call it.'), required: true }, line('name'))}
      {field('role', { label: t('Role'), note: t('Such as tester; workflows may ask for a role.') }, line('role'))}
      {field(
        'directory',
        { label: t('Working directory'), note: t('On the server; it has to exist.'), wide: true, required: true },
        line('directory', '/home/you/project'),
      )}
      {shown.has('apart') && (
        <div className={`${styles['check']} ${styles['wide']}`}>
          <label>
            <input
              type="checkbox"
              checked={typed.apart}
              aria-invalid={problems.apart !== undefined}
              onChange={(event) => onChange({ apart: event.target.checked })}
            />
            {t('In a git worktree and branch of its own')}
          </label>
          {problems.apart?.map(({ message }) => (
            <p key={message} className={styles['problem']}>
              {message}
            </p>
          ))}
        </div>
      )}
      {field(
        'command',
        {
          label: t('Command'),
          note:
            typed.kind === 'acp'
              ? t('The program and its arguments; not a shell line.')
              : typed.mode === 'headless'
                ? t('Run once for each task.')
                : t('The shell in its terminal. Empty: your own.'),
          wide: true,
          required: typed.kind === 'acp',
        },
        line('command', typed.kind === 'acp' ? 'my-agent --acp' : 'bash -l'),
      )}
      {field(
        'mode',
        { label: t('Terminal'), note: typed.mode === 'headless' ? terminal : t('People can watch, and take it over.') },
        (props) => (
          <select
            {...props}
            value={typed.mode}
            onChange={(event) => onChange({ mode: event.target.value as TypedAgent['mode'] })}
          >
            <option value="">{t('A terminal of its own')}</option>
            <option value="headless">{t('Without a terminal')}</option>
          </select>
        ),
      )}
      {field('model', { label: t('Model'), note: t('Empty: what the CLI chooses.') }, line('model'))}
      {field(
        'permissionMode',
        { label: t('Permission mode'), note: t('What it may do without asking in the inbox.') },
        (props) => (
          <select
            {...props}
            value={typed.permissionMode}
            onChange={(event) => onChange({ permissionMode: event.target.value })}
          >
            <option value="">{t('As its definition or the CLI says')}</option>
            {PERMISSION_MODES.map((mode) => (
              <option key={mode}>{mode}</option>
            ))}
          </select>
        ),
      )}
      {field(
        'definition',
        { label: t('Instructions come from'), note: t('A definition serves any number of agents.') },
        (props) => (
          <select
            {...props}
            value={typed.definition}
            onChange={(event) => onChange({ definition: event.target.value })}
          >
            <option value="">{t('the agent itself')}</option>
            {definitions.map((name) => (
              <option key={name} value={name}>
                {rich('the definition {name}', { name })}
              </option>
            ))}
          </select>
        ),
      )}
      {field(
        'instructions',
        {
          label: t('Its own words'),
          note: t('Markdown; what it is told besides its prompt. May be empty.'),
          wide: true,
        },
        (props) => (
          <textarea
            {...props}
            rows={4}
            value={typed.instructions}
            spellCheck={false}
            onChange={(event) => onChange({ instructions: event.target.value })}
          />
        ),
      )}
      {field(
        'env',
        {
          label: t('Environment'),
          note: t('A line each. NAME=secret:OTHER takes a stored secret at every start.'),
          wide: true,
        },
        (props) => (
          <textarea
            {...props}
            rows={2}
            value={typed.env}
            data-code
            placeholder={'LOG_LEVEL=debug\nAPI_TOKEN=secret:API_TOKEN'}
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => onChange({ env: event.target.value })}
          />
        ),
      )}
      <div className={`${styles['check']} ${styles['wide']}`}>
        <label>
          <input
            type="checkbox"
            checked={typed.autostart}
            onChange={(event) => onChange({ autostart: event.target.checked })}
          />
          {t('Start it now, and whenever the server starts')}
        </label>
      </div>
    </div>
  );
}
