import { describe, expect, it } from 'vitest';
import { readTurn } from './conversation.ts';
import { messageIdOf } from './message-id.ts';

interface Row {
  info: Record<string, unknown>;
  parts: Record<string, unknown>[];
}

const row = (role: string, id: string, text: string): Row => ({
  info: { id, role, time: { completed: 1 }, finish: 'stop' },
  parts: [{ type: 'text', text }],
});

/** Pages as opencode gives them: from the end back, each in the order of its messages. */
function holding(rows: Row[]) {
  const asked: string[] = [];
  return {
    asked,
    async request(_method: string, path: string) {
      asked.push(path);
      const query = new URL(path, 'http://any').searchParams;
      const end = Number(query.get('before') ?? rows.length);
      const start = Math.max(0, end - Number(query.get('limit')));
      return { status: 200, body: rows.slice(start, end), next: start > 0 ? String(start) : null };
    },
  };
}

describe('a turn in the conversation', () => {
  const steps = Array.from({ length: 450 }, (_, at) => row('assistant', `step ${at}`, `step ${at}`));
  const rows = [
    row('user', messageIdOf('before', 1), 'first'),
    row('assistant', 'earlier', 'earlier'),
    row('user', messageIdOf('long', 2), 'do much'),
    ...steps,
  ];
  const where = { sessionId: 'ses_1', taskId: 'long' };

  it('is found however many messages it has, with its last one', async () => {
    const server = holding(rows);
    expect(await readTurn(server, where)).toMatchObject({ arrived: true, last: { text: 'step 449' } });
    expect(server.asked).toHaveLength(3);
  });

  it('ends where the next prompt begins', async () => {
    const server = holding(rows);
    expect(await readTurn(server, { ...where, taskId: 'before' })).toMatchObject({ last: { text: 'earlier' } });
    expect(await readTurn(server, { ...where, taskId: 'never' })).toMatchObject({ arrived: false, last: null });
  });

  it('is looked for in the newest messages alone when it cannot be far back', async () => {
    const server = holding(rows);
    expect(await readTurn(server, { ...where, newestOnly: true })).toMatchObject({ arrived: false });
    expect(server.asked).toHaveLength(1);
  });

  it('goes on where opencode shortened the conversation, which it does in the name of the user', async () => {
    const summary = row('assistant', 'summary', 'what was said so far');
    summary.info['summary'] = true;
    const goesOn: Row = { info: { id: 'msg_x', role: 'user' }, parts: [{ type: 'compaction' }] };
    const server = holding([...rows, goesOn, summary]);
    expect(await readTurn(server, where)).toMatchObject({ last: { text: 'step 449' } });
  });

  it('is unknown when the conversation cannot be read', async () => {
    const broken = { request: async () => ({ status: 500, body: { message: 'database is locked' }, next: null }) };
    await expect(readTurn(broken, where)).rejects.toThrow('database is locked');
  });
});
