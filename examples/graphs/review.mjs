// A graph of LangGraph.js that Pointsman runs as a step. Register it in pointsman.yaml and name it in a node:
//   graphs: { review: ./graphs/review.mjs }
//   - { id: review, type: langgraph, config: { graph: review, input: { change: "{{ inputs.change }}" } } }
// Each node that ended is a checkpoint; `interrupt` puts a question into the inbox and gives back its answer.
import { Annotation, END, interrupt, START, StateGraph } from '@langchain/langgraph';

const State = Annotation.Root({
  change: Annotation(),
  findings: Annotation({ reducer: (before, more) => [...before, ...more], default: () => [] }),
  verdict: Annotation(),
});

function look({ change }) {
  const findings = change.split('\n').filter((line) => /\b(TODO|FIXME)\b/.test(line));
  return { findings: findings.map((line) => line.trim()) };
}

function decide({ findings }) {
  if (findings.length === 0) return { verdict: 'accepted' };
  const answer = interrupt({ question: `Accept it with ${findings.length} open ends?`, findings });
  return { verdict: answer === 'yes' ? 'accepted' : 'rejected' };
}

export const graph = new StateGraph(State)
  .addNode('look', look)
  .addNode('decide', decide)
  .addEdge(START, 'look')
  .addEdge('look', 'decide')
  .addEdge('decide', END);
