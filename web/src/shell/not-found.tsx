import Button from '@mui/material/Button';
import { Empty } from '../ui/empty.tsx';
import { t } from '../words/words.ts';

export function NotFound() {
  return (
    <main style={{ display: 'grid', placeItems: 'center', minHeight: '70vh' }}>
      <Empty
        icon="search"
        title={t('There is no page at this address')}
        action={<Button href="/">{t('Go to the overview')}</Button>}
      >
        {t('The link may be old, or what it showed was removed.')}
      </Empty>
    </main>
  );
}
