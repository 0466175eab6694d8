/** n8n's AI Agent, LLM chain and OpenAI message as an agent node: whoever has the capability gets the prompt. */
import { ANY_AGENT } from '../any-agent.ts';
import { at, list, shortened, text } from '../foreign-value.ts';
import { n8nText } from './expression.ts';
import type { Made, NodeContext } from './nodes.ts';

export function n8nAgent({ node, translate, draft, graph, itemOf, id }: NodeContext): Made {
  const { parameters, source, kind } = node;
  const parts: { value: unknown; field: string }[] = [
    { value: at(parameters, 'options', 'systemMessage'), field: '/parameters/options/systemMessage' },
    ...['messages', 'responses', 'prompt'].flatMap((place) =>
      ['messageValues', 'values', 'messages'].flatMap((inner) =>
        list(at(parameters, place, inner)).map((message, index) => ({
          value: at(message, 'message') ?? at(message, 'content'),
          field: `/parameters/${place}/${inner}/${index}`,
        })),
      ),
    ),
    { value: asked(), field: '/parameters/text' },
  ];
  const prompt: string[] = [];
  for (const { value, field } of parts) {
    const written = n8nText(value, translate);
    if (written.text.trim() !== '') prompt.push(written.text);
    for (const left of written.left)
      draft.unmapped(source, `The expression ${left} is JavaScript; it stands in the prompt as words.`, {
        nodeId: id,
        field,
      });
  }
  if (prompt.length === 0) return { why: 'it has no prompt.' };
  const schema = answerSchema();
  return {
    node: {
      type: 'agent',
      config: { agent: ANY_AGENT, prompt: prompt.join('\n\n'), ...(schema ? { output: schema } : {}) },
    },
  };

  /** The default of an agent is what a chat said. */
  function asked(): unknown {
    const own = text(parameters['text']);
    if (own !== '' || kind !== 'agent') return own;
    const [from] = graph.into.get(source.name) ?? [];
    return from !== undefined && itemOf(from, '.chatInput') !== undefined ? '={{ $json.chatInput }}' : '';
  }

  function answerSchema(): unknown {
    for (const [name, served] of graph.serving) {
      const parser = graph.nodes.get(name);
      if (served !== source.name || parser?.kind !== 'outputParserStructured') continue;
      try {
        const schema: unknown = JSON.parse(text(parser.parameters['inputSchema']));
        if (typeof schema === 'object' && schema !== null && !Array.isArray(schema)) return schema;
      } catch {
        draft.note(
          `The form of the answer of “${shortened(source.name, 80)}” is given by an example; write it as JSON Schema in \`output\`.`,
        );
      }
    }
    return undefined;
  }
}
