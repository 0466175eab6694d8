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
import list from './list-panel.module.css';
import styles from './rules-panel.module.css';

const EFFECT_LOOK: Record<PolicyEffect, Look> = {
  allow: { word: 'Allow', icon: 'check', tone: 'ok' },
  ask: { word: 'Ask', icon: 'question', tone: 'ask' },
  deny: { word: 'Deny', icon: 'cross', tone: 'bad' },
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
    if (role) return `agents with the role ${role}`;
    if (!agentId) return 'every agent';
    return agents.find(({ id }) => id === agentId)?.name ?? 'an agent that is gone';
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
      { done: 'The rule holds from now on' },
    );
  }

  return (
    <ListPanel
      title="Rules for permission requests"
      about="Deny outranks ask, ask outranks allow. What no rule matches waits in the inbox for a person."
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
              {rule.tool === '*' ? 'every tool' : rule.tool}
              {rule.pattern !== undefined && (
                <>
                  {' on '}
                  <code>
                    <VisibleText text={rule.pattern} />
                  </code>
                </>
              )}
            </b>
            <span>
              {whose(rule)} · by {rule.createdBy}, {new Date(rule.createdAt).toLocaleDateString()}
              {rule.note && ` · ${rule.note}`}
            </span>
          </div>
          {admin && (
            <Button color="error" startIcon={<Icon name="trash" />} onClick={() => setRemoving(rule)}>
              Remove
            </Button>
          )}
        </>
      )}
    >
      {admin && (
        <form className={list['new']} onSubmit={(event) => void create(event)}>
          <select name="effect" aria-label="What happens" defaultValue="ask">
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
            placeholder="Tool, such as Bash, or *"
            aria-label="Tool"
            autoComplete="off"
          />
          <input
            name="pattern"
            maxLength={4096}
            placeholder="On what, such as git push*"
            aria-label="Pattern"
            autoComplete="off"
          />
          <select name="agentId" aria-label="For which agent" defaultValue={EVERYBODY}>
            <option value={EVERYBODY}>Every agent</option>
            {agents.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
          <Button type="submit" disabled={busy} startIcon={<Icon name="plus" />}>
            Add rule
          </Button>
        </form>
      )}
      {removing && (
        <Confirm
          title="Remove this rule?"
          action="Remove"
          onClose={() => setRemoving(null)}
          onConfirm={() =>
            void run(
              async () => {
                await request('DELETE /api/policies/{id}', { params: { id: removing.id } });
                await again();
              },
              {
                done: 'The rule is removed',
                undo: {
                  label: 'Undo',
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
          What it decided until now stays as it is. From now on a person is asked, unless another rule matches.
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
