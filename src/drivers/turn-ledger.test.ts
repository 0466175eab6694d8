import { describe, expect, it } from 'vitest';
import type { Observation } from '../ports/agent-driver.ts';
import { statusTeller } from './status-teller.ts';
import { newTurn, turnLedger } from './turn-ledger.ts';

describe('a turn', () => {
  it('is told to be written once, and before it is accepted, whoever learns of it first', () => {
    const { turns, told } = open();
    const mine = turns.open(newTurn('a'));
    turns.accept(mine);
    turns.tellTyped(mine);
    expect(turns.begin(mine)).toBe(true);
    expect(turns.begin(mine)).toBe(false);
    turns.succeed({ text: 'done' });
    expect(told()).toEqual(['typedAt', 'submittedAt', 'turnStartedAt', 'working', 'finishedAt', 'succeeded', 'idle']);
  });

  it('does not begin before the agent has shown that it has the prompt', () => {
    const { turns, told } = open();
    expect(turns.begin(turns.open(newTurn('a')))).toBe(false);
    expect(told()).toEqual([]);
  });

  it('ends what it asked before it ends itself, and nobody works on it then', () => {
    const { turns, told } = open();
    started(turns, 'a');
    turns.decisions.add({ requestId: 'r', request: { kind: 'permission', tool: 'Bash', input: {} } });
    turns.cancel('');
    expect(told().slice(-6)).toEqual(['asked r', 'blocked', 'settled r', 'finishedAt', 'cancelled', 'idle']);
  });

  it.each([
    [false, 'failed'],
    [true, 'cancelled'],
  ])('whose program ends when it was interrupted (%s) is %s', async (interrupted, status) => {
    const { turns } = open();
    started(turns, 'a').interrupted = interrupted;
    turns.exit();
    expect(await turns.recover('a', never)).toMatchObject({ outcome: 'finished', taskOutcome: { status } });
    expect(await turns.refusal('b')).toMatchObject({ code: 'AGENT_EXITED' });
  });
});

describe('a prompt', () => {
  it('that was refused may be given again, and one that was lost never', async () => {
    const { turns, deliver } = open();
    deliver('a');
    turns.refuse(turns.open(newTurn('a')), 'nobody reads');
    expect(await turns.refusal('a')).toBeNull();
    turns.lose(turns.open(newTurn('a')), 'nobody answered');
    expect(await turns.refusal('a')).toMatchObject({ outcome: 'unknown' });
  });

  it('is given to nobody who works, or waits for a decision', async () => {
    const { turns } = open();
    expect(await turns.refusal('a', true)).toMatchObject({ code: 'AGENT_BUSY' });
    started(turns, 'a');
    expect(await turns.refusal('b')).toMatchObject({ code: 'AGENT_BUSY' });
    turns.decisions.add({ requestId: 'r', request: { kind: 'question', questions: [] } });
    expect(await turns.refusal('b')).toMatchObject({ code: 'AGENT_BLOCKED', reason: 'it asks a question' });
  });

  it.each([
    ['proved that it was not read', true, 'not_started', null],
    ['proved nothing', false, 'unknown', { outcome: 'unknown' }],
  ])('on its way when the server died is, where a look %s, %s', async (_, isRefuted, outcome, refusal) => {
    const { turns, deliver } = open();
    deliver('a');
    turns.open(newTurn('a'));
    expect(await turns.recover('a', async () => isRefuted)).toMatchObject({ outcome });
    const again = await turns.refusal('a');
    if (refusal === null) expect(again).toBeNull();
    else expect(again).toMatchObject(refusal);
  });

  it('of which a sign comes while we look is running', async () => {
    const { turns, deliver } = open();
    deliver('a');
    turns.open(newTurn('a'));
    const look = async (turn: ReturnType<typeof newTurn>): Promise<boolean> => {
      turns.accept(turn);
      return true; // a late proof of the contrary counts for nothing
    };
    expect(await turns.recover('a', look)).toEqual({ outcome: 'running' });
  });
});

describe('what happened before we came', () => {
  it('is told as where it has led, with the receipts that a dead server may have missed', () => {
    const { turns, told } = open({ isLive: false });
    started(turns, 'a');
    turns.decisions.add({ requestId: 'r', request: { kind: 'permission', tool: 'Bash', input: {} } });
    turns.decisions.settle('r', 'it was answered');
    turns.decisions.add({ requestId: 's', request: { kind: 'permission', tool: 'Edit', input: {} } });
    expect(told()).toEqual(['typedAt', 'submittedAt', 'turnStartedAt']);
    turns.goLive(true);
    expect(told().slice(3)).toEqual(['asked s', 'blocked']);
    turns.decisions.settle('s', 'it was answered');
    expect(told().slice(5)).toEqual(['settled s', 'working']);
  });

  it('is told with the status in which an end left the agent', () => {
    const { turns, told } = open({ isLive: false });
    started(turns, 'a');
    turns.succeed({ text: 'shall I?' });
    turns.goLive(true);
    expect(told().slice(-3)).toEqual(['finishedAt', 'succeeded', 'waiting_input']);
  });
});

function open({ isLive } = { isLive: true }) {
  const seen: Observation[] = [];
  let delivered: string | null = null;
  const turns = turnLedger({
    name: 'The agent',
    teller: statusTeller((one) => seen.push(one)),
    delivered: async () => (delivered === null ? null : { taskId: delivered }),
    used: () => null,
  });
  if (isLive) turns.goLive(false);
  return { turns, told: () => seen.map(wordOf), deliver: (taskId: string) => (delivered = taskId) };
}

function started(turns: ReturnType<typeof open>['turns'], taskId: string) {
  const turn = turns.open(newTurn(taskId));
  turns.accept(turn);
  turns.begin(turn);
  return turn;
}

const never = async (): Promise<never> => {
  throw new Error('nothing is to be looked for');
};

function wordOf(one: Observation): string {
  switch (one.type) {
    case 'status':
      return one.status;
    case 'receipt':
      return one.receipt;
    case 'task_finished':
      return one.outcome.status;
    case 'decision_requested':
      return `asked ${one.requestId}`;
    case 'decision_settled':
      return `settled ${one.requestId}`;
    case 'usage':
      return 'usage';
  }
}
