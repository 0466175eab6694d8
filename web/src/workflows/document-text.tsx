import Button from '@mui/material/Button';
import { useMemo, useState } from 'react';
import { CopyButton } from '../ui/copy-button.tsx';
import { Icon } from '../ui/icon.tsx';
import { saveFile } from '../ui/save-file.ts';
import styles from './document-text.module.css';
import { inReadingOrder } from './document-order.ts';
import { yamlText } from './yaml-text.ts';
import { t } from '../words/words.ts';

/** The document as YAML or JSON, to read, copy or save. */
export function DocumentText({ document: value, name }: { document: Record<string, unknown>; name: string }) {
  const [form, setForm] = useState<'yaml' | 'json'>('yaml');
  const text = useMemo(() => {
    const ordered = inReadingOrder(value);
    return form === 'yaml' ? yamlText(ordered) : `${JSON.stringify(ordered, null, 2)}\n`;
  }, [value, form]);
  return (
    <div className={styles['text']}>
      <div className={styles['bar']}>
        <div role="group" aria-label={t('Format')}>
          {(['yaml', 'json'] as const).map((each) => (
            <button key={each} type="button" aria-pressed={form === each} onClick={() => setForm(each)}>
              {each.toUpperCase()}
            </button>
          ))}
        </div>
        <CopyButton text={text} />
        <Button startIcon={<Icon name="download" />} onClick={() => saveFile(`${name}.${form}`, text)}>
          {t('Save')}
        </Button>
      </div>
      <pre tabIndex={0}>{text}</pre>
    </div>
  );
}
