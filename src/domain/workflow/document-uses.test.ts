import { expect, test } from 'vitest';
import { usesOf } from './document-uses.ts';

const node = (id: string, type: string, config: object) => ({ id, type, config });

test('everything that reaches outside is named, with what it is told or given', () => {
  expect(
    usesOf({
      workspace: { path: '/srv/app', isolation: 'worktree' },
      nodes: [
        node('run', 'shell', { command: ['rm', '-r', 'x'], env: { KEY: 'secret:DEPLOY' } }),
        node('ask', 'agent', { agent: ['reviewer', { capability: 'general' }], prompt: 'Look' }),
        node('call', 'http', { url: 'https://x.example', secret: 'TOKEN', headers: { A: 'secret:TOKEN' } }),
        node('each', 'map', { over: '[1]', node: { type: 'shell', config: { command: 'ls' } } }),
        node('all', 'map', { over: '[1]', workflow: { workflow: 'Other', inputs: { a: 1 } } }),
        node('tell', 'notify', { channel: 'ops', message: 'Hi' }),
        node('sum', 'transform', { value: '1' }),
        node('gate', 'approval', { title: 'Go?' }),
      ],
      triggers: [{ cron: '0 6 * * *' }],
    }),
  ).toEqual([
    { kind: 'workspace', value: '/srv/app', detail: { isolation: 'worktree' } },
    { kind: 'command', nodeId: 'run', value: '["rm","-r","x"]', detail: { env: { KEY: 'secret:DEPLOY' } } },
    { kind: 'secret', nodeId: 'run', value: 'DEPLOY' },
    { kind: 'agent', nodeId: 'ask', value: 'reviewer', detail: { prompt: 'Look' } },
    { kind: 'agent', nodeId: 'ask', value: 'capability general', detail: { prompt: 'Look' } },
    {
      kind: 'url',
      nodeId: 'call',
      value: 'GET https://x.example',
      detail: { secret: 'TOKEN', headers: { A: 'secret:TOKEN' } },
    },
    { kind: 'secret', nodeId: 'call', value: 'TOKEN' },
    { kind: 'command', nodeId: 'each', value: 'ls' },
    { kind: 'workflow', nodeId: 'all', value: 'Other', detail: { inputs: { a: 1 } } },
    { kind: 'channel', nodeId: 'tell', value: 'ops', detail: { message: 'Hi' } },
    { kind: 'trigger', value: '{"cron":"0 6 * * *"}' },
  ]);
});

test('a draft of any shape is read as far as it goes', () => {
  for (const document of [{}, { nodes: 'x' }, { nodes: [null, 3, { type: 'shell' }] }, { workspace: 4, triggers: {} }])
    expect(Array.isArray(usesOf(document))).toBe(true);
  expect(usesOf({ nodes: [{ type: 'shell', config: { command: 'ls' } }] })).toEqual([
    { kind: 'command', nodeId: '', value: 'ls' },
  ]);
});
