import { Link } from '@tanstack/react-router';
import { Empty } from '../ui/empty.tsx';
import { t } from '../words/words.ts';

/** In place of an execution that was deleted, or never was. */
export function NoExecution() {
  return (
    <Empty
      icon="execution"
      title={t('There is no such execution')}
      action={<Link to="/executions">{t('All executions')}</Link>}
    >
      {t('It was deleted, or the address is not right.')}
    </Empty>
  );
}
