import Button from '@mui/material/Button';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { CreatePolicy, Policy, PolicyEffect } from '../../../src/contract/policies.ts';
import { request } from '../api/request.ts';
import { useAgents } from '../live/use-topic.ts';
import { Confirm } from '../ui/confirm.tsx';
import { Icon } from '../ui/icon.tsx';
import { StatusBadge } from '../ui/status-badge.tsx';
import type { Look } from '../ui/tone.ts';
import { useAction } from '../ui/use-action.ts';
import { VisibleText } from '../ui/visible-text.tsx';
import { ListPanel } from './list-panel.tsx';
import { rich } from '../words/rich.ts';
import { dayWords } from '../ui/time-words.ts';
import { t } from '../words/words.ts';
import list from './list-panel.module.css';
import styles from './rules-panel.module.css';

const EFFECT_LOOK: Record<PolicyEffect, Look> = {
  allow: { word: t('Allow'), icon: 'check', tone: 'ok' },
  ask: { word: t('Ask'), icon: 'question', tone: 'ask' },
  deny: { word: t('Deny'), icon: 'cross', tone: 'bad' },
};
const EFFECTS: PolicyEffect[] = ['allow', 'ask', 'deny'];
const EVERYBODY = '';
const KEY = ['policies'];

/** The rules that answer what agents ask before a person is asked. */
export function RulesPanel({ admin }: { admin: boolean }) {
  const client = useQueryClient();
  const agents = useAgents().data ?? [];
  const [removing, setRemoving] = useState<Policy | null>(null);
  const { busy, run } = useAction();
  const again = () => client.invalidateQueries({ queryKey: KEY });
  const whose = ({ agentId, role }: Policy): string => {
    if (role) return t('agents with the role {role}', { role });
    if (!agentId) return t('every agent');
    return agents.find(({ id }) => id === agentId)?.name ?? t('an agent that is gone');
  };

  async function create(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = event.currentTarget;
    const body = ruleIn(new FormData(form));
    await run(
      async () => {
        await request('POST /api/policies', { body });
        form.reset();
        await again();
      },
      { done: t('The rule holds from now on') },
    );
  }

  return (
    <ListPanel
      title={t('Rules for permission requests')}
      about={t('Deny outranks ask, ask outranks allow. What no rule matches waits in the inbox for a person.')}
      queryKey={KEY}
      load={(signal) => request('GET /api/policies', { query: { limit: 200 }, signal })}
      keyOf={({ id }) => id}
      row={(rule) => (
        <>
          <span className={styles['effect']}>
            <StatusBadge look={EFFECT_LOOK[rule.effect]} />
          </span>
          <div>
            <b>
              {rule.tool === '*' ? t('every tool') : rule.tool}
              {rule.pattern !== undefined && (
                <>
                  {t(' on ')}
                  <code>
                    <VisibleText text={rule.pattern} />
                  </code>
                </>
              )}
            </b>
            <span>
              {rich('{whose} · by {createdBy}, {value}', {
                whose: whose(rule),
                createdBy: rule.createdBy,
                value: dayWords(rule.createdAt),
              })}
              {rule.note && ` · ${rule.note}`}
            </span>
          </div>
          {admin && (
            <Button color="error" startIcon={<Icon name="trash" />} onClick={() => setRemoving(rule)}>
              {t('Remove')}
            </Button>
          )}
        </>
      )}
    >
      {admin && (
        <form className={list['new']} onSubmit={(event) => void create(event)}>
          <select name="effect" aria-label={t('What happens')} defaultValue="ask">
            {EFFECTS.map((effect) => (
              <option key={effect} value={effect}>
                {EFFECT_LOOK[effect].word}
              </option>
            ))}
          </select>
          <input
            name="tool"
            required
            maxLength={200}
            placeholder={t('Tool, such as Bash, or *')}
            aria-label={t('Tool')}
            autoComplete="off"
          />
          <input
            name="pattern"
            maxLength={4096}
            placeholder={t('On what, such as git push*')}
            aria-label={t('Pattern')}
            autoComplete="off"
          />
          <select name="agentId" aria-label={t('For which agent')} defaultValue={EVERYBODY}>
            <option value={EVERYBODY}>{t('Every agent')}</option>
            {agents.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
          <Button type="submit" disabled={busy} startIcon={<Icon name="plus" />}>
            {t('Add rule')}
          </Button>
        </form>
      )}
      {removing && (
        <Confirm
          title={t('Remove this rule?')}
          action={t('Remove')}
          onClose={() => setRemoving(null)}
          onConfirm={() =>
            void run(
              async () => {
                await request('DELETE /api/policies/{id}', { params: { id: removing.id } });
                await again();
              },
              {
                done: t('The rule is removed'),
                undo: {
                  label: t('Undo'),
                  run: async () => {
                    const { id: _id, createdBy: _by, createdAt: _at, ...body } = removing;
                    await request('POST /api/policies', { body });
                    await again();
                  },
                },
              },
            )
          }
        >
          {t('What it decided until now stays as it is. From now on a person is asked, unless another rule matches.')}
        </Confirm>
      )}
    </ListPanel>
  );
}

function ruleIn(data: FormData): CreatePolicy {
  const text = (name: string): string => String(data.get(name) ?? '').trim();
  return {
    effect: EFFECTS.find((effect) => effect === data.get('effect')) ?? 'ask',
    tool: text('tool'),
    ...(text('pattern') === '' ? {} : { pattern: text('pattern') }),
    ...(text('agentId') === EVERYBODY ? {} : { agentId: text('agentId') }),
  };
}
