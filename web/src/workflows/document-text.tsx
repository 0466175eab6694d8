import Button from '@mui/material/Button';
import { useMemo, useState } from 'react';
import { Icon } from '../ui/icon.tsx';
import { toast } from '../ui/toasts.ts';
import styles from './document-text.module.css';
import { yamlText } from './yaml-text.ts';

/** The document as YAML or JSON, to read, copy or save. */
export function DocumentText({ document: value, name }: { document: Record<string, unknown>; name: string }) {
  const [form, setForm] = useState<'yaml' | 'json'>('yaml');
  const text = useMemo(
    () => (form === 'yaml' ? yamlText(value) : `${JSON.stringify(value, null, 2)}\n`),
    [value, form],
  );
  function save(): void {
    const address = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
    const link = Object.assign(document.createElement('a'), {
      href: address,
      download: `${name.replaceAll(/[^\w-]+/g, '-').toLowerCase() || 'workflow'}.${form}`,
    });
    link.click();
    URL.revokeObjectURL(address);
  }
  return (
    <div className={styles['text']}>
      <div className={styles['bar']}>
        <div role="group" aria-label="Format">
          {(['yaml', 'json'] as const).map((each) => (
            <button key={each} type="button" aria-pressed={form === each} onClick={() => setForm(each)}>
              {each.toUpperCase()}
            </button>
          ))}
        </div>
        <Button
          startIcon={<Icon name="copy" />}
          onClick={() =>
            void navigator.clipboard.writeText(text).then(
              () => toast('Copied'),
              () => toast('The browser did not allow copying', { tone: 'bad' }),
            )
          }
        >
          Copy
        </Button>
        <Button startIcon={<Icon name="download" />} onClick={save}>
          Save
        </Button>
      </div>
      <pre tabIndex={0}>{text}</pre>
    </div>
  );
}
