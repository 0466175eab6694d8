import { JsonTree } from '../ui/json-tree.tsx';
import { VisibleText } from '../ui/visible-text.tsx';
import styles from './payload-view.module.css';

/** Read as prose or code when we know the name; nothing is left out, the exact value is always there. */
const PROSE = ['body', 'question', 'message', 'reason', 'description', 'detail'];
const CODE = ['command', 'diff', 'prompt', 'text', 'stderr', 'stdout'];
const NOT_READ_OUT = ['title', 'form', 'choices'];

export function PayloadView({ payload }: { payload: Record<string, unknown> }) {
  const entries = Object.entries(payload).filter(
    ([name, value]) => !NOT_READ_OUT.includes(name) && value !== undefined && value !== null && value !== '',
  );
  const prose = entries.filter(([name, value]) => PROSE.includes(name) && typeof value === 'string');
  const code = entries.filter(([name, value]) => CODE.includes(name) && (typeof value === 'string' || isArgv(value)));
  const rest = entries.filter((entry) => !prose.includes(entry) && !code.includes(entry));
  return (
    <div className={styles['payload']}>
      {prose.map(([name, value]) => (
        <p key={name} className={styles['prose']}>
          <VisibleText text={value as string} />
        </p>
      ))}
      {code.map(([name, value]) => (
        <figure key={name} className={styles['code']}>
          <figcaption>{name}</figcaption>
          <pre tabIndex={0}>
            {name === 'diff' ? (
              <Diff text={String(value)} />
            ) : (
              <VisibleText text={isArgv(value) ? value.map(quoted).join(' ') : String(value)} />
            )}
          </pre>
        </figure>
      ))}
      {rest.length > 0 && (
        <div className={styles['rest']}>
          <JsonTree value={Object.fromEntries(rest)} />
        </div>
      )}
      <details className={styles['exact']}>
        <summary>Exactly what is decided about</summary>
        <pre tabIndex={0}>
          <VisibleText text={JSON.stringify(payload, null, 2)} />
        </pre>
      </details>
    </div>
  );
}

function Diff({ text }: { text: string }) {
  return text.split('\n').map((line, index) => (
    <span
      key={index}
      className={
        line.startsWith('+')
          ? styles['added']
          : line.startsWith('-')
            ? styles['removed']
            : line.startsWith('@@')
              ? styles['place']
              : undefined
      }
    >
      <VisibleText text={line} />
      {'\n'}
    </span>
  ));
}

function isArgv(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every((part) => typeof part === 'string');
}

/** So that where one argument ends is never in doubt. */
function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", String.raw`'\''`)}'`;
}
