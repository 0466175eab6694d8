import { isPart } from './document.ts';
import { useFields } from './field-context.tsx';
import { type FieldProps, FieldRow } from './field-row.tsx';
import { Icon } from '../ui/icon.tsx';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import styles from './fields.module.css';

// Options are prefixed, so that a name and a capability can be the same word.
const NAMED = 'name ';
const CAPABLE = 'capability ';

/** Who does it: an agent by name, whoever has a capability, and who else when that one cannot. */
export function AgentField({ path, label, required, hint, value }: FieldProps) {
  const { set, agents, readOnly } = useFields();
  const chosen: unknown[] = Array.isArray(value) ? value : [value];
  const capabilities = [...new Set(agents.flatMap((agent) => agent.capabilities))].toSorted();
  function change(at: number, to: unknown): void {
    const next = to === undefined ? chosen.filter((_one, index) => index !== at) : chosen.with(at, to);
    set(path, next.length === 1 ? next[0] : next);
  }
  return (
    <FieldRow path={path} label={label} required={required} hint={hint}>
      {(given) => (
        <div className={styles['stack']}>
          {chosen.map((one, at) => {
            const option = optionOf(one);
            const known =
              option === '' ||
              agents.some(({ name }) => option === NAMED + name) ||
              capabilities.some((capability) => option === CAPABLE + capability);
            return (
              <div key={at} className={styles['pair']}>
                <select
                  {...given}
                  id={at === 0 ? given.id : `${given.id}-${at}`}
                  {...(at > 0 ? { 'aria-label': t('Fallback {at}', { at }) } : {})}
                  disabled={readOnly}
                  value={option}
                  onChange={(event) => change(at, selectorOf(event.target.value))}
                >
                  <option value="">{t('Choose an agent…')}</option>
                  {!known && (
                    <option value={option}>{rich('{wordOf} (not known here)', { wordOf: wordOf(one) })}</option>
                  )}
                  <optgroup label={t('Agents')}>
                    {agents.map(({ name }) => (
                      <option key={name} value={NAMED + name}>
                        {name}
                      </option>
                    ))}
                  </optgroup>
                  {capabilities.length > 0 && (
                    <optgroup label={t('Whoever can do')}>
                      {capabilities.map((capability) => (
                        <option key={capability} value={CAPABLE + capability}>
                          {rich('any agent with {capability}', { capability })}
                        </option>
                      ))}
                    </optgroup>
                  )}
                </select>
                {at > 0 && !readOnly && (
                  <button
                    type="button"
                    aria-label={t('Remove fallback {at}', { at })}
                    onClick={() => change(at, undefined)}
                  >
                    <Icon name="cross" size={14} />
                  </button>
                )}
              </div>
            );
          })}
          {!readOnly && optionOf(chosen[0]) !== '' && (
            <button type="button" className={styles['link']} onClick={() => set(path, [...chosen, ''])}>
              {t('Add a fallback')}
            </button>
          )}
        </div>
      )}
    </FieldRow>
  );
}

function optionOf(selector: unknown): string {
  if (typeof selector === 'string' && selector !== '') return NAMED + selector;
  return isPart(selector) && typeof selector['capability'] === 'string' ? CAPABLE + selector['capability'] : '';
}

function selectorOf(option: string): unknown {
  if (option.startsWith(CAPABLE)) return { capability: option.slice(CAPABLE.length) };
  return option.startsWith(NAMED) ? option.slice(NAMED.length) : option;
}

function wordOf(selector: unknown): string {
  return typeof selector === 'string'
    ? selector
    : isPart(selector)
      ? t('capability {capability}', { capability: String(selector['capability']) })
      : '';
}
