import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { yamlText } from './yaml-text.ts';

const document = {
  pointsman: 1,
  name: 'Ship: a change',
  empty: {},
  none: [],
  inputs: { issue: { type: 'string', description: 'What to change' }, yes: { type: 'boolean', default: true } },
  nodes: [
    {
      id: 'plan',
      type: 'agent',
      config: {
        agent: 'architect',
        prompt: 'Plan: {{ inputs.issue }}\n\n  indented\nlast',
        output: { type: 'object', required: ['tasks'], properties: { tasks: { type: 'array' } } },
      },
    },
    { id: 'gate', type: 'approval', config: { title: 'Accept "it"?', body: 'ends with newline\n', expires: 'P1D' } },
    {
      id: 'odd',
      type: 'shell',
      config: {
        command: ['sh', '-c', 'echo "a: b" # c'],
        env: {
          X: ' lead',
          Y: 'null',
          Z: '1e3',
          W: '~',
          V: '- a',
          U: '\u0007',
          T: '\n\nx',
          S: 'a\n\n\n',
          R: 'no',
          Q: '.inf',
        },
      },
    },
  ],
  edges: [{ from: 'plan', to: 'gate', when: "nodes.gate.output.decision == 'approve'", max: 3 }],
  number: -1.5,
  nothing: null,
};

it('reads back as exactly the document it was made of', () => {
  expect(parse(yamlText(document))).toEqual(document);
});
it('keeps short maps on one line and long ones apart', () => {
  const text = yamlText(document);
  expect(text).toContain('- { from: plan, to: gate');
  expect(text).toContain('prompt: |-\n');
});
