import { describe, expect, test } from 'vitest';
import { imported } from './testing/imported.ts';
import { importWorkflow } from './import-workflow.ts';

const drawn = (edges: [string, string, string?][]) =>
  edges.map(([source, target, sourceHandle]) => ({ source, target, ...(sourceHandle ? { sourceHandle } : {}) }));

describe('the JSON of a LangGraph graph', () => {
  const GRAPH = {
    nodes: [
      { id: '__start__', type: 'schema', data: '__start__' },
      { id: 'plan', type: 'runnable', data: { id: ['langchain', 'chat_models', 'ChatModel'], name: 'plan' } },
      { id: 'tools', type: 'runnable', data: { id: ['langgraph', 'prebuilt', 'ToolNode'], name: 'tools' } },
      {
        id: 'ship',
        type: 'runnable',
        data: { id: ['langgraph', 'utils', 'RunnableCallable'], name: 'ship' },
        metadata: { __interrupt: 'before' },
      },
      { id: '__end__', type: 'schema', data: '__end__' },
    ],
    edges: [
      { source: '__start__', target: 'plan' },
      { source: 'plan', target: 'tools', data: 'continue', conditional: true },
      { source: 'plan', target: 'ship', data: 'done', conditional: true },
      { source: 'tools', target: 'plan' },
      { source: 'ship', target: '__end__' },
    ],
  };

  test('keeps its shape: models are agents, code is a placeholder, a person decides where code decided', () => {
    const { format, document, node, report, errors } = imported(GRAPH);
    expect(format).toBe('langgraph');
    expect(document.nodes.map(({ id, type }) => [id, type])).toEqual([
      ['plan', 'agent'],
      ['tools', 'approval'],
      ['ship', 'approval'],
      ['ship_before', 'approval'],
      ['after_plan', 'approval'],
    ]);
    expect(node('after_plan')?.config).toMatchObject({
      form: { properties: { next: { enum: ['continue', 'done'] } } },
    });
    const chosen = (way: string) =>
      `has(nodes.after_plan.output.form) && nodes.after_plan.output.form.next == "${way}"`;
    expect(document.edges).toEqual(
      expect.arrayContaining([
        { from: 'plan', to: 'after_plan' },
        { from: 'after_plan', to: 'tools', when: chosen('continue') },
        { from: 'after_plan', to: 'ship_before', when: chosen('done') },
        { from: 'ship_before', to: 'ship' },
        { from: 'tools', to: 'plan', max: 10 },
      ]),
    );
    expect(report.unmapped.map(({ sourceName, sourceType }) => [sourceName, sourceType])).toEqual([
      ['plan', 'langchain.chat_models.ChatModel'],
      ['tools', 'langgraph.prebuilt.ToolNode'],
      ['ship', 'langgraph.utils.RunnableCallable'],
      ['plan', 'conditional edge'],
    ]);
    expect(errors).toEqual([]);
  });
});

describe('an agentflow of Flowise', () => {
  const flow = (name: string, kind: string, inputs: object, more: object = {}) => ({
    id: `${kind}_0`,
    type: 'agentFlow',
    position: { x: 10.4, y: 20 },
    data: { id: `${kind}_0`, label: name, name: kind, inputs, inputAnchors: [] },
    ...more,
  });
  const START = flow('Start', 'startAgentflow', {
    startInputType: 'formInput',
    formInputTypes: [{ type: 'string', label: 'Subject', name: 'subject', addOptions: '' }],
    startState: [{ key: 'topic', value: '' }],
  });
  const MENTION =
    '<p>Answer <span class="variable" data-id="$form.subject">{{ $form.subject }}</span> &amp; be kind</p>';

  test('has inputs, agents, answers with a form, approvals with two ways and a loop back', () => {
    const { format, document, node, report, errors } = imported({
      nodes: [
        START,
        flow('Writer', 'agentAgentflow', {
          agentMessages: [{ role: 'system', content: MENTION }],
          agentTools: [{ agentSelectedTool: 'mail' }],
          agentStructuredOutput: [{ key: 'tone', type: 'enum', enumValues: 'dry, warm' }],
          agentUpdateState: [{ key: 'topic', value: 'x' }],
        }),
        flow('Good?', 'humanInputAgentflow', { humanInputDescription: 'Send {{ agentAgentflow_0 }}?' }),
        flow('Again', 'loopAgentflow', { loopBackToNode: 'agentAgentflow_0-Writer', maxLoopCount: 3 }),
        flow('Send', 'httpAgentflow', {
          method: 'POST',
          url: 'https://mail.example/send',
          headers: [{ key: 'X-Tone', value: '{{ agentAgentflow_0.output.tone }}' }],
          body: '{"text": "hi"}',
        }),
      ],
      edges: drawn([
        ['startAgentflow_0', 'agentAgentflow_0'],
        ['agentAgentflow_0', 'humanInputAgentflow_0'],
        ['humanInputAgentflow_0', 'httpAgentflow_0', 'humanInputAgentflow_0-output-0'],
        ['humanInputAgentflow_0', 'loopAgentflow_0', 'humanInputAgentflow_0-output-1'],
      ]),
    });
    expect(format).toBe('flowise');
    expect(document.inputs).toEqual({ subject: { type: 'string', description: 'Subject' } });
    expect(node('writer')?.config).toMatchObject({
      agent: { capability: 'general' },
      prompt: 'Answer {{ inputs.subject }} & be kind',
      output: { required: ['tone'], properties: { tone: { enum: ['dry', 'warm'] } } },
    });
    expect(node('good')).toMatchObject({ type: 'approval', config: { title: 'Send {{ nodes.writer.output.text }}?' } });
    expect(node('send')?.config).toMatchObject({ headers: { 'X-Tone': '{{ nodes.writer.output.data.tone }}' } });
    expect(document.edges).toEqual(
      expect.arrayContaining([
        { from: 'good', to: 'send', when: "nodes.good.output.decision == 'approve'" },
        { from: 'good', to: 'again', when: "nodes.good.output.decision == 'reject'" },
        { from: 'again', to: 'writer', max: 3 },
      ]),
    );
    expect(document.layout).toMatchObject({ writer: [10, 20] });
    expect(report.unmapped.map(({ path }) => path)).toEqual([
      '/nodes/0/data/inputs/startState',
      '/nodes/1/data/inputs/agentTools',
      '/nodes/1/data/inputs/agentUpdateState',
    ]);
    expect(errors).toEqual([]);
  });

  test('its conditions are edges, a model that chooses is an agent, an iteration of one node a map', () => {
    const { document, node, errors } = imported({
      nodes: [
        flow('Start', 'startAgentflow', { startInputType: 'chatInput' }),
        flow('List', 'httpAgentflow', { method: 'GET', url: 'https://x.example/list' }),
        flow('Each', 'iterationAgentflow', { iterationInput: '{{ httpAgentflow_0 }}' }),
        flow(
          'One',
          'llmAgentflow',
          { llmMessages: [{ content: 'Sum up {{ $iteration.title }}' }] },
          { parentNode: 'iterationAgentflow_0' },
        ),
        flow('Kind', 'conditionAgentAgentflow', {
          conditionAgentInstructions: 'Sort it.',
          conditionAgentInput: '{{ question }}',
          conditionAgentScenarios: [{ scenario: 'a "bug"' }, { scenario: 'a wish' }],
        }),
        flow('Which', 'conditionAgentflow', {
          conditions: [{ type: 'string', value1: '{{ question }}', operation: 'contains', value2: 'now' }],
        }),
        flow('Reply', 'directReplyAgentflow', { directReplyMessage: 'Soon: {{ question }}' }),
        flow('Code', 'customFunctionAgentflow', { customFunctionJavascriptFunction: 'return 1' }),
      ],
      edges: drawn([
        ['startAgentflow_0', 'httpAgentflow_0'],
        ['httpAgentflow_0', 'iterationAgentflow_0'],
        ['iterationAgentflow_0', 'conditionAgentAgentflow_0'],
        ['conditionAgentAgentflow_0', 'conditionAgentflow_0', 'conditionAgentAgentflow_0-output-1'],
        ['conditionAgentflow_0', 'directReplyAgentflow_0', 'conditionAgentflow_0-output-0'],
        ['conditionAgentflow_0', 'customFunctionAgentflow_0', 'conditionAgentflow_0-output-1'],
      ]),
    });
    expect(node('each')?.config).toMatchObject({
      over: 'nodes.list.output.body',
      node: { type: 'agent', config: { prompt: 'Sum up {{ item.title }}' } },
    });
    expect(node('one')).toBeUndefined();
    expect(node('kind')?.config).toMatchObject({ output: { properties: { next: { enum: ['a "bug"', 'a wish'] } } } });
    expect(node('reply')?.config).toEqual({ value: '"Soon: " + string(inputs.question)' });
    expect(node('code')).toMatchObject({ type: 'approval' });
    expect(document.edges).toEqual(
      expect.arrayContaining([
        { from: 'kind', to: 'which', when: 'nodes.kind.output.data.next == "a wish"' },
        { from: 'which', to: 'reply', when: 'string(inputs.question).contains("now")' },
        { from: 'which', to: 'code', otherwise: true },
      ]),
    );
    expect(errors).toEqual([]);
  });
});

describe('a workflow of Agent Builder', () => {
  const SCRIPT = `
import { Agent, Runner, withTrace } from "@openai/agents";
import { z } from "zod";
const SorterSchema = z.object({ kind: z.enum(["bug", "wish"]), sure: z.boolean() });
const sorter = new Agent({
  name: "Sorter",
  instructions: \`Sort it. Braces {{ stay }} as they are; if (x) { is no code.\`,
  model: "gpt-5",
  outputType: SorterSchema,
  modelSettings: { store: true }
});
const fixer = new Agent({ name: "Fixer", instructions: "Fix \\"it\\".", tools: [search], model: "gpt-5" });
const unused = new Agent({ name: "Unused", instructions: "-" });
const approvalRequest = (message: string) => { return true; }
type WorkflowInput = { input_as_text: string };
export const runWorkflow = async (workflow: WorkflowInput) => {
  return await withTrace("Sort and fix", async () => {
    const state = {};
    const sorterResultTemp = await runner.run(sorter, [...conversationHistory]);
    if (!sorterResultTemp.finalOutput) {
      throw new Error("Agent result is undefined");
    }
    const sorterResult = { output_text: "", output_parsed: sorterResultTemp.finalOutput };
    if (sorterResult.output_parsed.kind == "bug") {
      const approvalMessage = "Fix it now?";
      if (approvalRequest(approvalMessage)) {
        const fixerResultTemp = await runner.run(fixer, [...conversationHistory]);
      } else {
        return { done: false };
      }
    } else if (guardrailsHasTripwire) {
      return {};
    } else {
      const againResultTemp = await runner.run(sorter, []);
    }
  });
}`;

  test('that was exported as TypeScript is read without being run: agents, order, branches, approvals', () => {
    const { format, document, node, report, errors } = imported(SCRIPT);
    expect(format).toBe('agent-builder');
    expect(document.name).toBe('Sort and fix');
    expect(document.nodes.map(({ id, type }) => [id, type])).toEqual([
      ['sorter', 'agent'],
      ['branch', 'approval'],
      ['approval', 'approval'],
      ['fixer', 'agent'],
      ['sorter_2', 'agent'],
    ]);
    expect(node('sorter')?.config).toMatchObject({
      prompt: expect.stringMatching(
        /^Sort it\. Braces \{\{ '\{\{' \}\} stay \}\} as they are; if \(x\) \{ is no code\.\n\nThe request: /,
      ),
      output: {
        required: ['kind', 'sure'],
        properties: { kind: { enum: ['bug', 'wish'] }, sure: { type: 'boolean' } },
      },
    });
    expect(node('approval')?.config).toEqual({ title: 'Fix it now?' });
    expect(node('fixer')?.config).toMatchObject({ prompt: expect.stringContaining('{{ nodes.sorter.output.text }}') });
    expect(report.unmapped.map(({ sourceName, path }) => [sourceName, path])).toEqual([
      [expect.stringContaining('sorterResult'), '#L24'],
      ['Fixer', '#L27'],
      ['Unused', '#L13'],
    ]);
    expect(errors).toEqual([]);
  });

  test('as TypeScript with conditions that can be said has edges with them', () => {
    const { document, errors } = imported(
      SCRIPT.replace('guardrailsHasTripwire', 'sorterResult.output_parsed.sure === true'),
    );
    expect(document.edges?.slice(0, 4)).toEqual([
      { from: 'sorter', to: 'branch' },
      { from: 'branch', to: 'approval', when: 'nodes.sorter.output.data.kind == "bug"' },
      { from: 'approval', to: 'fixer', when: "nodes.approval.output.decision == 'approve'" },
      { from: 'branch', to: 'sorter_2', otherwise: true },
    ]);
    expect(errors).toEqual([]);
  });

  test('that was exported as Python is the same', () => {
    const { document, node, errors } = imported(`
from agents import Agent, Runner, trace
class SorterSchema(BaseModel):
  kind: str

sorter = Agent(
  name="Sorter",
  instructions="""Sort it.
if this: is no code""",
  output_type=SorterSchema
)
fixer = Agent(name="Fixer", instructions="Fix it.")

async def run_workflow(workflow_input: WorkflowInput):
  with trace("Sort and fix"):
    sorter_result_temp = await Runner.run(
      sorter,
      input=[*conversation_history]
    )
    sorter_result = sorter_result_temp.final_output.model_dump()
    while sorter_result["kind"] != "done":
      fixer_result_temp = await Runner.run(fixer, input=[])
    if sorter_result["kind"] == "bug" and not (sorter_result["kind"] == "wish"):
      fixer_result_temp = await Runner.run(fixer, input=[])
    else:
      return sorter_result
`);
    expect(document.nodes.map(({ id, type }) => [id, type])).toEqual([
      ['sorter', 'agent'],
      ['while_node', 'condition'],
      ['fixer', 'agent'],
      ['branch', 'condition'],
      ['fixer_2', 'agent'],
    ]);
    expect(node('sorter')?.config).toMatchObject({ output: { properties: { kind: { type: 'string' } } } });
    expect(document.edges).toEqual([
      { from: 'sorter', to: 'while_node' },
      { from: 'while_node', to: 'fixer', when: 'nodes.sorter.output.data["kind"] != "done"' },
      { from: 'fixer', to: 'while_node', max: 10 },
      { from: 'while_node', to: 'branch', otherwise: true },
      {
        from: 'branch',
        to: 'fixer_2',
        when: 'nodes.sorter.output.data["kind"] == "bug" && !(nodes.sorter.output.data["kind"] == "wish")',
      },
    ]);
    expect(errors).toEqual([]);
  });

  test('as a graph in JSON has agents, branches, approvals, and placeholders for what is a service of its own', () => {
    const kind = (id: string, type: string, data: object) => ({ id, type, position: { x: 0, y: 0 }, data });
    const { document, node, report, errors } = imported({
      name: 'Triage',
      nodes: [
        kind('s', 'start', { label: 'Start' }),
        kind('a', 'agent', {
          name: 'Classifier',
          instructions: 'Sort {{workflow.input_as_text}}',
          jsonSchema: { type: 'object' },
        }),
        kind('i', 'if-else', { label: 'Bug?', condition: 'input.output_parsed.kind == "bug"' }),
        kind('u', 'user-approval', { label: 'Ask', approvalMessage: 'Fix it?' }),
        kind('m', 'mcp', { label: 'Tracker' }),
        kind('e', 'end', { label: 'End' }),
        kind('n', 'note', { label: 'Remember' }),
      ],
      edges: drawn([
        ['s', 'a'],
        ['a', 'i'],
        ['i', 'u', 'if'],
        ['i', 'e', 'else'],
        ['u', 'm', 'approve'],
        ['u', 'e', 'reject'],
      ]),
    });
    expect(document.nodes.map(({ id, type }) => [id, type])).toEqual([
      ['classifier', 'agent'],
      ['bug', 'condition'],
      ['ask', 'approval'],
      ['tracker', 'approval'],
      ['end', 'condition'],
    ]);
    expect(node('classifier')?.config).toMatchObject({
      prompt: expect.stringContaining('Sort {{ inputs.input_as_text }}'),
    });
    expect(document.edges).toEqual(
      expect.arrayContaining([
        { from: 'bug', to: 'ask', when: 'nodes.classifier.output.data.kind == "bug"' },
        { from: 'bug', to: 'end', otherwise: true },
        { from: 'ask', to: 'end', when: "nodes.ask.output.decision == 'reject'" },
      ]),
    );
    expect(report.unmapped.map(({ sourceName }) => sourceName)).toEqual(['Tracker']);
    expect(errors).toEqual([]);
  });

  test('that is code of a size or a number of steps nobody writes is refused', () => {
    const agent = 'const a = new Agent({ name: "A" });\n';
    const body = 'export const runWorkflow = async () => { await runner.run(a, []);';
    expect(importWorkflow(`${agent}${body}${'if (x) {'.repeat(3000)}`)).toMatchObject({ outcome: 'unreadable' });
    expect(importWorkflow(agent.repeat(300) + body)).toMatchObject({ outcome: 'unreadable' });
    expect(importWorkflow(agent + body + ' '.repeat(200_000))).toMatchObject({ outcome: 'unreadable' });
  });
});
