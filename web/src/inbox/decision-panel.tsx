import Button from '@mui/material/Button';
import { Link } from '@tanstack/react-router';
import { useId, useMemo, useRef, useState } from 'react';
import type { Decision, InboxItem } from '../../../src/contract/inbox.ts';
import { ApiError } from '../api/api-error.ts';
import { request } from '../api/request.ts';
import { Age } from '../ui/age.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Icon } from '../ui/icon.tsx';
import { VisibleText } from '../ui/visible-text.tsx';
import { focusTitle } from '../ui/kept-focus.ts';
import { useFieldKeys, useKeys } from '../ui/keys.ts';
import { StatusBadge } from '../ui/status-badge.tsx';
import { toast } from '../ui/toasts.ts';
import { INBOX_LOOK } from '../ui/tone.ts';
import { ClosedNote } from './closed-note.tsx';
import { closedWords, DECISION, decisionFor, expiryWords, formOf, placeWords } from './decision-words.ts';
import { PayloadView } from './payload-view.tsx';
import { fieldProblems, readFields, schemaFields } from './schema-fields.ts';
import { SchemaForm } from './schema-form.tsx';
import { TimeLeft } from './time-left.tsx';
import { t } from '../words/words.ts';
import { useKeyOf } from '../ui/chosen-keys.ts';
import styles from './decision-panel.module.css';

interface Props {
  item: InboxItem;
  mayAnswer: boolean;
  agentName?: string | undefined;
  /** On the page the item comes from, the way there is left out. */
  inPlace?: boolean;
  /** Whether `a`, `d` and `e` answer this one. */
  keys?: boolean;
  onAnswered?: (item: InboxItem) => void;
}

/** One item of the inbox: exactly what is asked, and the answer given for exactly that (its hash goes along). */
export function DecisionPanel({ item, mayAnswer, agentName, inPlace = false, keys = true, onAnswered }: Props) {
  const keyOf = useKeyOf('Decision');
  const [note, setNote] = useState('');
  const [typed, setTyped] = useState<Record<string, string>>({});
  const [problems, setProblems] = useState<Record<string, string>>({});
  const [busy, setBusy] = useState<Decision | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [closed, setClosed] = useState<InboxItem | null>(null);
  const [output, setOutput] = useState<string | null>(null);
  const id = useId();
  const fieldsPart = useRef<HTMLDivElement>(null);
  const shown = closed ?? item;
  const open = shown.state === 'open';
  const expiry = expiryWords(item);
  const schema = formOf(item, decisionFor(item, 'yes') ?? 'dismiss');
  const fields = useMemo(() => fieldsOf(schema, item), [schema, item]);

  async function answer(decision: Decision): Promise<void> {
    if (busy || !open || !mayAnswer) return;
    let form: unknown;
    if (decision === 'mark_succeeded') {
      // What the step would have put out is asked first; the second press sends it.
      if (output === null) return setOutput('{}');
      const read = readFields(OUTPUT_FIELD, { output });
      setProblems(read.problems);
      if (read.problems['output']) return;
      form = read.values['output'];
    }
    if (DECISION[decision].weight === 'yes' && fields.length > 0) {
      const read = readFields(fields, typed);
      setProblems(read.problems);
      if (Object.keys(read.problems).length > 0) return focusField(Object.keys(read.problems)[0]);
      form = read.values;
    }
    setBusy(decision);
    setError(null);
    try {
      const answered = await request('POST /api/inbox/{id}/resolve', {
        params: { id: item.id },
        body: {
          decision,
          hash: item.hash,
          ...(note.trim() ? { note: note.trim() } : {}),
          ...(form === undefined ? {} : { form }),
        },
      });
      setClosed(answered);
      toast(`${DECISION[decision].done}: ${item.title}`);
      onAnswered?.(answered);
    } catch (failure) {
      const found = failure instanceof ApiError ? fieldProblems(failure.problems, fields) : {};
      if (Object.keys(found).length === 0) return setError(await explained(failure, item));
      setProblems(found);
      focusField(Object.keys(found)[0]);
    } finally {
      setBusy(null);
    }
  }

  function focusField(name: string | undefined): void {
    document.getElementById(`${id}-${name}`)?.focus();
  }

  /** Keys of whoever is writing: back to the page, or done. */
  const yes = decisionFor(item, 'yes');
  const no = decisionFor(item, 'no');
  const answers = open && mayAnswer;
  const onKeyDown = useFieldKeys<HTMLDivElement>(
    'Decision',
    answers
      ? {
          ...(yes ? { 'mod+Enter': [t('Answer with what you wrote'), () => void answer(yes)] } : {}),
          Escape: [t('Back from writing'), () => focusTitle()],
        }
      : {},
  );
  useKeys(
    'Decision',
    keys && answers
      ? {
          ...(yes ? { a: [DECISION[yes].label, () => void answer(yes)] } : {}),
          ...(no ? { d: [DECISION[no].label, () => void answer(no)] } : {}),
          e: [
            t('Write: the form, or a note'),
            () => fieldsPart.current?.querySelector<HTMLElement>('input, select, textarea')?.focus(),
          ],
        }
      : {},
  );

  return (
    <article className={styles['panel']} aria-label={item.title}>
      <header className={styles['head']}>
        <div className={styles['kind']}>
          <StatusBadge look={INBOX_LOOK[item.type]} />
          <span>
            <Age since={item.createdAt} ago />
          </span>
          {open && <TimeLeft item={item} />}
        </div>
        <h2>
          <VisibleText text={item.title} />
        </h2>
        {!inPlace && (
          <p className={styles['from']}>
            {item.agentId && (
              <Link to="/agents/$id" params={{ id: item.agentId }}>
                {agentName ?? t('Open the agent')}
              </Link>
            )}
            {item.executionId && (
              <Link
                to="/executions/$id"
                params={{ id: item.executionId }}
                search={item.stepId ? { step: item.stepId } : {}}
              >
                <VisibleText text={placeWords(item.payload)} />
              </Link>
            )}
          </p>
        )}
      </header>
      <div className={styles['content']}>
        <div className={styles['what']}>
          <PayloadView payload={item.payload} />
          {open && expiry && <p className={styles['expiry']}>{expiry}</p>}
          <p
            className={styles['hash']}
            title={t('Your answer is bound to exactly what is shown: if it changes, the answer is refused')}
          >
            <Icon name="lock" size={12} /> {item.hash}
          </p>
        </div>
        <div className={styles['how']}>
          {error !== null && <ErrorNote error={error} />}
          {!open ? (
            <ClosedNote item={shown} />
          ) : !mayAnswer ? (
            <p className={styles['closed']}>
              <Icon name="lock" /> {t('You may read this. Answering needs the role operator.')}
            </p>
          ) : (
            <div className={styles['answer']} ref={fieldsPart} onKeyDown={onKeyDown}>
              {fields.length > 0 && (
                <SchemaForm fields={fields} typed={typed} problems={problems} onChange={setTyped} idPrefix={id} />
              )}
              {output !== null && (
                <SchemaForm
                  fields={OUTPUT_FIELD}
                  typed={{ output }}
                  problems={problems}
                  onChange={(next) => setOutput(next['output'] ?? '')}
                  idPrefix={id}
                />
              )}
              <textarea
                rows={1}
                value={note}
                onChange={(event) => setNote(event.target.value)}
                placeholder={t('Note (optional)')}
                aria-label={t('Note')}
                className={styles['note']}
                maxLength={10_000}
              />
              <div className={styles['buttons']}>
                {item.choices
                  .toSorted((a, b) => weight(a) - weight(b))
                  .map((choice) => {
                    const words = DECISION[choice];
                    const key = !keys ? null : choice === yes ? keyOf('a') : choice === no ? keyOf('d') : null;
                    return (
                      <Button
                        key={choice}
                        size="medium"
                        variant={words.weight === 'yes' ? 'contained' : 'outlined'}
                        color={words.weight === 'yes' ? 'primary' : words.weight === 'no' ? 'error' : 'inherit'}
                        disabled={busy !== null}
                        onClick={() => void answer(choice)}
                        startIcon={<Icon name={words.icon} />}
                      >
                        {busy === choice ? t('Sending…') : words.label}
                        {key && <kbd className={styles['key']}>{key}</kbd>}
                      </Button>
                    );
                  })}
              </div>
            </div>
          )}
        </div>
      </div>
    </article>
  );
}

const OUTPUT_FIELD = schemaFields(
  { output: { title: t('Output of the step'), description: t('What the nodes after it will read') } },
  [],
);

function weight(choice: Decision): number {
  return { yes: 0, no: 1, other: 2 }[DECISION[choice].weight];
}

function fieldsOf(schema: unknown, item: InboxItem) {
  if (typeof schema === 'object' && schema !== null && 'properties' in schema) {
    const required =
      'required' in schema && Array.isArray(schema.required)
        ? schema.required.filter((name) => typeof name === 'string')
        : [];
    return schemaFields(schema.properties, required);
  }
  // A question without a form is answered in words.
  if (item.type === 'question') return schemaFields({ text: { type: 'string', title: t('Your answer') } }, ['text']);
  return [];
}

/** A 409 said in the words of who answered meanwhile. */
async function explained(failure: unknown, item: InboxItem): Promise<unknown> {
  if (!(failure instanceof ApiError) || failure.status !== 409) return failure;
  const now = await request('GET /api/inbox/{id}', { params: { id: item.id } }).catch(() => null);
  if (!now) return failure;
  return new ApiError({
    status: 409,
    code: failure.code,
    title: now.state === 'open' ? 'What is asked has changed' : 'This is no longer open',
    detail:
      now.state === 'open'
        ? 'Nothing was answered. Read the item again, then answer what it shows now.'
        : closedWords(now),
    requestId: failure.requestId,
  });
}
