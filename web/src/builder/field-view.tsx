/** One field of a node, an edge or the document, by its kind. */
import { type Path, isPart, valueAt } from './document.ts';
import { AgentField } from './agent-field.tsx';
import { CommandField } from './command-field.tsx';
import { ExpressionField } from './expression-field.tsx';
import { useFields } from './field-context.tsx';
import { FieldRow } from './field-row.tsx';
import type { Field } from './fields.ts';
import { GraphField } from './graph-field.tsx';
import { InnerNodeField } from './inner-node-field.tsx';
import { JoinField } from './join-field.tsx';
import { JsonField } from './json-field.tsx';
import { MapField } from './map-field.tsx';
import { ValueField } from './value-field.tsx';
import { t } from '../words/words.ts';
import styles from './fields.module.css';

export function FieldList({ fields, whole, path }: { fields: readonly Field[]; whole: unknown; path: Path }) {
  return fields.map((field) => (
    <FieldView key={field.name} field={field} value={valueAt(whole, [field.name])} path={[...path, field.name]} />
  ));
}

function FieldView({ field, value, path }: { field: Field; value: unknown; path: Path }) {
  const { set, readOnly, workflows } = useFields();
  const row = { path, label: field.label, required: field.required, hint: field.hint };
  /** An empty field is left out, unless it is needed: then what is wrong says so at its place. */
  const setText = (text: string): void => set(path, text === '' && !field.required ? undefined : text);
  switch (field.kind) {
    case 'template':
    case 'expression':
      return typeof value === 'string' || value === undefined ? (
        <ExpressionField {...row} kind={field.kind} value={value ?? ''} long={field.long} onChange={setText} />
      ) : (
        <JsonField {...row} value={value} />
      );
    case 'expressions':
      return <ValueField {...row} value={value} />;
    case 'agent':
      return <AgentField {...row} value={value} />;
    case 'graph':
      return <GraphField {...row} value={value} />;
    case 'command':
      return <CommandField {...row} value={value} />;
    case 'join':
      return <JoinField {...row} value={value} />;
    case 'inner':
      return <InnerNodeField {...row} value={value} />;
    case 'map':
      return isPart(value) || value === undefined ? (
        <MapField {...row} value={value ?? {}} expressions={field.name === 'outputs'} />
      ) : (
        <JsonField {...row} value={value} />
      );
    case 'json':
      return <JsonField {...row} value={value} />;
    case 'object':
      return (
        <details className={styles['object']} open={value !== undefined} data-field={`/${path.join('/')}`}>
          <summary>{field.label}</summary>
          <div>
            <FieldList
              fields={field.fields.map((inner) => ({ ...inner, required: false }))}
              whole={value}
              path={path}
            />
            {value !== undefined && !readOnly && (
              <button type="button" className={styles['link']} onClick={() => set(path, undefined)}>
                {t('Leave out')}
              </button>
            )}
          </div>
        </details>
      );
    case 'boolean':
      return (
        <FieldRow {...row}>
          {(given) => (
            <input
              {...given}
              type="checkbox"
              disabled={readOnly}
              checked={value === true}
              onChange={(event) => set(path, event.target.checked || undefined)}
            />
          )}
        </FieldRow>
      );
    case 'choice':
      return (
        <FieldRow {...row}>
          {(given) => (
            <select
              {...given}
              disabled={readOnly}
              value={typeof value === 'string' ? value : ''}
              onChange={(event) => set(path, event.target.value || undefined)}
            >
              <option value="">{t('As usual')}</option>
              {field.choices.map((choice) => (
                <option key={choice}>{choice}</option>
              ))}
            </select>
          )}
        </FieldRow>
      );
    case 'number':
      return (
        <FieldRow {...row}>
          {(given) => (
            <input
              {...given}
              inputMode="decimal"
              readOnly={readOnly}
              value={value === undefined ? '' : String(value)}
              // What is no number stays text, and validation says what is wrong with it.
              onChange={({ target: { value: text } }) => {
                const number = Number(text);
                const done = text.trim() !== '' && Number.isFinite(number) && String(number) === text;
                set(path, text === '' ? undefined : done ? number : text);
              }}
            />
          )}
        </FieldRow>
      );
    case 'list':
      return (
        <FieldRow {...row}>
          {(given) => (
            <textarea
              {...given}
              rows={2}
              readOnly={readOnly}
              value={Array.isArray(value) ? value.join('\n') : ''}
              onChange={(event) => set(path, event.target.value === '' ? undefined : event.target.value.split('\n'))}
            />
          )}
        </FieldRow>
      );
    case 'name':
    case 'text':
      return (
        <FieldRow {...row}>
          {(given) =>
            field.long ? (
              <textarea
                {...given}
                rows={2}
                readOnly={readOnly}
                value={typeof value === 'string' ? value : ''}
                onChange={(event) => setText(event.target.value)}
              />
            ) : (
              <>
                <input
                  {...given}
                  readOnly={readOnly}
                  value={value === undefined ? '' : String(value)}
                  spellCheck={false}
                  autoComplete="off"
                  {...(field.kind === 'name' ? { list: `${given.id}-list` } : {})}
                  onChange={(event) => setText(event.target.value)}
                />
                {field.kind === 'name' && (
                  <datalist id={`${given.id}-list`}>
                    {workflows.map((name) => (
                      <option key={name} value={name} />
                    ))}
                  </datalist>
                )}
              </>
            )
          }
        </FieldRow>
      );
  }
}
