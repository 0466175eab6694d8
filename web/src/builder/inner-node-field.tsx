import { isPart, type Path, valueAt } from './document.ts';
import { useFields } from './field-context.tsx';
import { FieldRow } from './field-row.tsx';
import { FieldList } from './field-view.tsx';
import { newConfig, NODE_KINDS } from './node-kinds.ts';
import { t } from '../words/words.ts';
import styles from './fields.module.css';

interface Props {
  path: Path;
  label: string;
  hint: string;
  value: unknown;
}

/** A condition has edges only, and what a map does has none. */
const INNER_KINDS = NODE_KINDS.filter(({ type }) => type !== 'condition');

/** What a map does for each item: a node without id and edges. */
export function InnerNodeField({ path, value }: Props) {
  const around = useFields();
  const type = String(valueAt(value, ['type']) ?? '');
  return (
    <fieldset className={styles['inner']}>
      <legend>{t('For each item')}</legend>
      <FieldRow path={[...path, 'type']} label={t('Do')}>
        {(given) => (
          <select
            {...given}
            disabled={around.readOnly}
            value={type}
            onChange={({ target }) =>
              around.set(
                path,
                target.value === '' ? undefined : { type: target.value, config: newConfig(target.value) ?? {} },
              )
            }
          >
            <option value="">{t('a whole workflow, named below')}</option>
            {INNER_KINDS.map((kind) => (
              <option key={kind.type} value={kind.type}>
                {kind.label}
              </option>
            ))}
          </select>
        )}
      </FieldRow>
      {isPart(value) && (
        <FieldList fields={around.fields.config.get(type) ?? []} whole={value['config']} path={[...path, 'config']} />
      )}
    </fieldset>
  );
}
