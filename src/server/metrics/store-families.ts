/** What the whole installation has and uses, as one question to the database tells it. */
import { AgentKind, AgentStatus } from '../../contract/agents.ts';
import { ExecutionStatus } from '../../contract/executions.ts';
import { InboxItemType } from '../../contract/inbox.ts';
import { IncidentClass } from '../../contract/incidents.ts';
import type { Figure } from '../../ports/store/figures.ts';
import type { Store } from '../../ports/store/store.ts';
import { counter, type Family, gauge, type Sample } from './exposition.ts';

const ENDED: readonly string[] = ['succeeded', 'failed', 'cancelled'];
const OPEN = ExecutionStatus.options.filter((status) => !ENDED.includes(status));

/** Of a database that does not answer only that is told. */
export async function storeFamilies(store: Pick<Store, 'figures'>): Promise<Family[]> {
  const begun = performance.now();
  const figures = await store.figures().catch(() => null);
  const seconds = (performance.now() - begun) / 1000;
  const up = gauge('pointsman_database_up', 'Whether the database answers.', [{ value: figures ? 1 : 0 }]);
  if (!figures) return [up];
  return [
    up,
    gauge('pointsman_database_query_seconds', 'How long it took to ask for what is told here.', [{ value: seconds }]),
    ...families(figures),
  ];
}

function families(figures: readonly Figure[]): Family[] {
  const of = (name: Figure['of']) => figures.filter((figure) => figure.of === name);
  const counts = (name: Figure['of'], label: string, known: readonly string[]) =>
    known.map((each): Sample => ({ labels: { [label]: each }, value: find(of(name), each)?.value ?? 0 }));
  const oldest = (name: Figure['of'], label: string, known: readonly string[]) =>
    known.map((each): Sample => ({ labels: { [label]: each }, value: find(of(name), each)?.oldestSeconds ?? 0 }));
  const queues = {
    letters: find(of('letters'), ''),
    effects: find(of('effects'), 'intended'),
    tasks: find(of('tasks'), 'queued'),
  };
  const queued = (read: (figure: Figure | undefined) => number) =>
    Object.entries(queues).map(([queue, figure]): Sample => ({ labels: { queue }, value: read(figure) }));
  const kinds = AgentKind.options;
  return [
    gauge('pointsman_agents', 'Agents by status.', counts('agents', 'status', AgentStatus.options)),
    gauge('pointsman_inbox_open', 'Items that wait for a person.', counts('inbox', 'type', InboxItemType.options)),
    gauge(
      'pointsman_inbox_oldest_seconds',
      'Age of the oldest open item.',
      oldest('inbox', 'type', InboxItemType.options),
    ),
    gauge('pointsman_executions', 'Executions that have not ended, by status.', counts('executions', 'status', OPEN)),
    gauge(
      'pointsman_queue_depth',
      'What waits to be taken: letters, intended effects, tasks.',
      queued((each) => each?.value ?? 0),
    ),
    gauge(
      'pointsman_queue_oldest_seconds',
      'Age of the oldest that waits.',
      queued((each) => each?.oldestSeconds ?? 0),
    ),
    gauge(
      'pointsman_incidents_open',
      'Incidents that are not over.',
      counts('incidents', 'class', IncidentClass.options),
    ),
    counter('pointsman_workflows_created_total', 'Workflows that were ever saved, deleted ones among them.', [
      { value: find(of('workflows'), '')?.value ?? 0 },
    ]),
    counter(
      'pointsman_tokens_total',
      'Tokens that agents used, by kind of agent.',
      kinds.flatMap((kind) =>
        (['input', 'output'] as const).map((direction) => ({
          labels: { kind, direction },
          value: find(of(`${direction}_tokens`), kind)?.value ?? 0,
        })),
      ),
    ),
    counter(
      'pointsman_cost_dollars_total',
      'What agents cost in US dollars, by kind of agent.',
      counts('cost', 'kind', kinds),
    ),
  ];
}

function find(figures: readonly Figure[], label: string): Figure | undefined {
  return figures.find((figure) => figure.label === label);
}
