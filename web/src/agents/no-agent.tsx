import { Link } from '@tanstack/react-router';
import { Empty } from '../ui/empty.tsx';
import { t } from '../words/words.ts';

/** In place of an agent that was removed, or never was. */
export function NoAgent() {
  return (
    <Empty icon="agent" title={t('There is no such agent')} action={<Link to="/">{t('All agents')}</Link>}>
      {t('It was removed, or the address is not right.')}
    </Empty>
  );
}
