import Button from '@mui/material/Button';
import { copyText } from './copy-text.ts';
import { Icon } from './icon.tsx';
import { toast } from './toasts.ts';
import { t } from '../words/words.ts';

export function CopyButton({ text }: { text: string }) {
  return (
    <Button
      startIcon={<Icon name="copy" />}
      onClick={() =>
        void copyText(text).then(
          () => toast(t('Copied')),
          () => toast(t('The browser did not allow copying; select the text'), { tone: 'bad' }),
        )
      }
    >
      {t('Copy')}
    </Button>
  );
}
