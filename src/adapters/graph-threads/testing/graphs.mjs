/** Graphs that tests register. Each node writes its name into the file `log` of the state, so that a test sees what ran. */
import { appendFileSync, existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Annotation, END, interrupt, MessagesAnnotation, Send, START, StateGraph } from '@langchain/langgraph';
import { AIMessage, HumanMessage } from '@langchain/core/messages';

const State = Annotation.Root({
  log: Annotation(),
  gate: Annotation(),
  n: Annotation(),
  what: Annotation(),
  said: Annotation({ reducer: (before, more) => [...before, ...more], default: () => [] }),
});

const ran = ({ log }, name) => log && appendFileSync(log, `${name}\n`);
const said =
  (name, work = async () => ({})) =>
  async (state) => {
    ran(state, name);
    return { said: [name], ...(await work(state)) };
  };

/** Two nodes; the second waits until the file `gate` is there. */
export const gated = new StateGraph(State)
  .addNode(
    'first',
    said('first', async ({ n }) => ({ n: (n ?? 0) + 1 })),
  )
  .addNode(
    'second',
    said('second', async ({ gate }) => {
      while (gate && !existsSync(gate)) await sleep(20);
      return {};
    }),
  )
  .addNode('ask', (state) => {
    ran(state, 'ask');
    return { what: interrupt('What now?') };
  })
  .addEdge(START, 'first')
  .addEdge('first', 'second')
  .addEdge('second', 'ask')
  .addEdge('ask', END);

/** Asks two people at once, and then twice in one node. */
export const asking = () =>
  new StateGraph(State)
    .addNode('left', () => ({ said: [`left ${interrupt({ message: 'Left?', side: 'left' })}`] }))
    .addNode('right', () => ({ said: [`right ${interrupt('Right?')}`] }))
    .addNode('both', () => {
      const [one, two] = [interrupt('One?'), interrupt({ title: 'Two?' })];
      return { said: [`one ${one}`, `two ${JSON.stringify(two)}`] };
    })
    .addEdge(START, 'left')
    .addEdge(START, 'right')
    .addEdge(['left', 'right'], 'both')
    .addEdge('both', END)
    .compile();

/** Values that JSON has no word for, in its checkpoints and with messages at the end. */
const Rich = Annotation.Root({
  ...MessagesAnnotation.spec,
  seen: Annotation(),
  bytes: Annotation(),
  answer: Annotation(),
});
export const rich = new StateGraph(Rich, {
  output: Annotation.Root({ ...MessagesAnnotation.spec, answer: Annotation() }),
})
  .addNode('keep', () => ({
    messages: [new HumanMessage('hello')],
    seen: new Map([['a', new Set([1])]]),
    bytes: new Uint8Array([1, 2]),
  }))
  .addNode('use', ({ seen, bytes, messages }) => {
    interrupt('Go on?');
    return {
      messages: [new AIMessage(`${seen.get('a').has(1)} ${bytes instanceof Uint8Array} ${messages[0]._getType()}`)],
      answer: bytes.length,
    };
  })
  .addEdge(START, 'keep')
  .addEdge('keep', 'use')
  .addEdge('use', END);

export const unsayable = new StateGraph(State)
  .addNode('make', () => ({ what: { when: { deep: new Map() } } }))
  .addEdge(START, 'make')
  .addEdge('make', END);

export const failing = new StateGraph(State)
  .addNode('fail', () => {
    throw new Error('the node has had enough');
  })
  .addEdge(START, 'fail')
  .addEdge('fail', END);

/** Heeds no signal: it holds its thread until the file `gate` is there. */
export const deaf = new StateGraph(State)
  .addNode(
    'hold',
    said('hold', async ({ gate }) => {
      while (gate && !existsSync(gate)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
      return {};
    }),
  )
  .addEdge(START, 'hold')
  .addEdge('hold', END);

/** Ends its own thread. */
export const leaving = new StateGraph(State)
  .addNode('leave', async () => {
    process.exit(3);
  })
  .addEdge(START, 'leave')
  .addEdge('leave', END);

/** What of the server's environment it sees. */
export const curious = new StateGraph(State)
  .addNode('look', () => ({ what: { ...process.env } }))
  .addEdge(START, 'look')
  .addEdge('look', END);

/** Says by a schema what it takes as an answer. */
export const formed = new StateGraph(State)
  .addNode('ask', () => ({
    what: interrupt({ question: 'How many?' }, { responseSchema: MANY }),
  }))
  .addEdge(START, 'ask')
  .addEdge('ask', END);
const MANY = { type: 'object', required: ['many'], properties: { many: { type: 'integer', minimum: 1 } } };

/** One of several at once, by Send. */
export const spread = new StateGraph(State)
  .addNode('split', () => ({}))
  .addNode('each', ({ n }) => ({ said: [`each ${String(n)} ${interrupt(`Take ${String(n)}?`)}`] }))
  .addEdge(START, 'split')
  .addConditionalEdges('split', () => [1, 2, 3].map((n) => new Send('each', { n })), ['each'])
  .addEdge('each', END);

export const notAGraph = { name: 'nothing' };
