import { Component, type ErrorInfo, type ReactNode } from 'react';
import { copyText } from '../ui/copy-text.ts';
import { t } from '../words/words.ts';

/** The last net: a broken screen says what broke and offers a way on, with the text to report. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: Error | null; where: string }> {
  override state: { error: Error | null; where: string } = { error: null, where: '' };

  static getDerivedStateFromError(error: unknown): { error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override componentDidCatch(_: unknown, info: ErrorInfo): void {
    this.setState({ where: info.componentStack ?? '' });
  }

  override render(): ReactNode {
    const { error, where } = this.state;
    if (!error) return this.props.children;
    const report = `${error.message}\nat ${location.pathname}\n${where.trim()}`;
    return (
      <main style={{ maxWidth: 720, margin: '64px auto', padding: '0 16px', display: 'grid', gap: 14 }}>
        <h1>{t('Something broke in this page')}</h1>
        <p>
          {t(
            'Your agents and executions go on; only what you see is affected. Reload to continue. If it happens again, report the text below.',
          )}
        </p>
        <pre
          tabIndex={0}
          style={{
            padding: 12,
            background: 'var(--sunken)',
            border: '1px solid var(--border)',
            borderRadius: 8,
            overflow: 'auto',
            maxHeight: 280,
          }}
        >
          {report}
        </pre>
        <div style={{ display: 'flex', gap: 16 }}>
          <button type="button" onClick={() => location.reload()}>
            {t('Reload')}
          </button>
          <button type="button" onClick={() => void copyText(report)}>
            {t('Copy the text')}
          </button>
          <a href="/">{t('Go to the overview')}</a>
        </div>
      </main>
    );
  }
}
