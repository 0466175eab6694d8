import Button from '@mui/material/Button';
import { useRouter } from '@tanstack/react-router';
import { ErrorNote } from '../ui/error-note.tsx';
import { t } from '../words/words.ts';

/** A page that failed: says why, and the rest of the app stays usable. */
export function PageError({ error, reset }: { error: unknown; reset?: () => void }) {
  const router = useRouter();
  // After an update of the server the old page's chunks are gone; a reload brings the new ones.
  const outdated =
    error instanceof Error && /dynamically imported module|Importing a module script failed/i.test(error.message);
  return (
    <div style={{ maxWidth: 720, margin: '48px auto', padding: '0 16px', display: 'grid', gap: 12 }}>
      <h1>{outdated ? t('Pointsman was updated') : t('This page did not load')}</h1>
      {outdated ? <p>{t('Reload to get the new version. Nothing is lost.')}</p> : <ErrorNote error={error} />}
      <div style={{ display: 'flex', gap: 8 }}>
        <Button
          variant="contained"
          color="primary"
          onClick={() => {
            if (outdated) location.reload();
            else {
              reset?.();
              void router.invalidate();
            }
          }}
        >
          {outdated ? t('Reload') : t('Try again')}
        </Button>
        <Button href="/">{t('Go to the overview')}</Button>
      </div>
    </div>
  );
}
