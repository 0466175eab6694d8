import Button from '@mui/material/Button';
import TextField from '@mui/material/TextField';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useEffect, useEffectEvent, useState } from 'react';
import { meQuery } from '../api/queries.ts';
import { queryClient } from '../api/query-client.ts';
import { request } from '../api/request.ts';
import { setPageTitle } from '../shell/document-title.ts';
import { ErrorNote } from '../ui/error-note.tsx';
import { consumeSignInCode, onSignInCode, pendingSignInCode } from './sign-in-code.ts';
import { t } from '../words/words.ts';
import styles from './sign-in-page.module.css';

/** With a code in the address: signs in by itself. Without: name and password, and how to get a link. */
export function SignInPage() {
  const { next } = useSearch({ from: '/sign-in' });
  const navigate = useNavigate();
  const [automatic, setAutomatic] = useState(() => pendingSignInCode() !== null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => setPageTitle(t('Sign in')), []);

  async function enter(signIn: () => Promise<unknown>, byLink = false): Promise<void> {
    setAutomatic(byLink);
    setBusy(true);
    setError(null);
    try {
      await signIn();
      queryClient.removeQueries(meQuery);
      await navigate({ to: next ?? '/', replace: true });
    } catch (failure) {
      setError(failure);
      setAutomatic(false);
    } finally {
      setBusy(false);
    }
  }

  // A code is sent when it arrives, once, and never again.
  const codeArrived = useEffectEvent(() => {
    const code = consumeSignInCode();
    if (code !== null) void enter(() => request('POST /api/auth/exchange', { body: { code } }), true);
  });
  useEffect(() => {
    // After the first paint, which already says that it signs in.
    const first = setTimeout(() => codeArrived());
    const leave = onSignInCode(() => codeArrived());
    return () => {
      clearTimeout(first);
      leave();
    };
  }, []);

  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const field = (name: string) => String(form.get(name) ?? '');
    void enter(() => request('POST /api/auth/login', { body: { name: field('name'), password: field('password') } }));
  }

  return (
    <main className={styles['place']}>
      <div className={styles['card']}>
        <div className={styles['brand']}>
          <img src="/favicon.svg" width={36} height={36} alt="" />
          <h1>{automatic ? t('Signing you in…') : t('Sign in to Pointsman')}</h1>
        </div>
        {error !== null && <ErrorNote error={error} />}
        {!automatic && (
          <>
            <section className={styles['link']}>
              <h2>{t('With a link')}</h2>
              <p>{t('On the machine that runs Pointsman:')}</p>
              <pre>npx pointsman up --link</pre>
              <p>{t('Open the address it prints. It works once.')}</p>
            </section>
            <form onSubmit={submit} className={styles['form']}>
              <h2>{t('With a password')}</h2>
              <TextField name="name" label={t('Name')} autoComplete="username" required />
              <TextField
                name="password"
                label={t('Password')}
                type="password"
                autoComplete="current-password"
                required
              />
              <Button type="submit" variant="contained" color="primary" disabled={busy} size="medium">
                {busy ? t('Signing in…') : t('Sign in')}
              </Button>
            </form>
          </>
        )}
      </div>
    </main>
  );
}
