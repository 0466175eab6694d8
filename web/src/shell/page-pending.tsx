import { Loading } from '../ui/empty.tsx';
import { t } from '../words/words.ts';

export function PagePending() {
  return <Loading rows={6} label={t('Loading the page')} />;
}
