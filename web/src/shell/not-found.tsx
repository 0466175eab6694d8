import Button from '@mui/material/Button';
import { Empty } from '../ui/empty.tsx';
import { t } from '../words/words.ts';
import { Page } from './page.tsx';

export function NotFound() {
  return (
    <Page title={t('Not found')}>
      <Empty
        icon="search"
        title={t('There is no page at this address')}
        action={<Button href="/">{t('Go to the overview')}</Button>}
      >
        {t('The link may be old, or what it showed was removed.')}
      </Empty>
    </Page>
  );
}
