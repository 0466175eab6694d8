/** A document in the making: gives every foreign node an id of ours and keeps the account of what had a counterpart. */
import { celReservedWords } from '../../contract/node-id.ts';
import type { ImportReport } from '../../contract/workflow-import.ts';
import { closeCycles } from './close-cycles.ts';
import { shortened } from './foreign-value.ts';
import { literal } from './foreign-template.ts';

export interface SourceNode {
  id: string;
  name: string;
  type: string;
  path: string;
  position?: [number, number] | undefined;
}

/** A node or an edge as it goes into the document, which is validated as a whole afterwards. */
export type DraftNode = { type: string; config: Record<string, unknown> } & Record<string, unknown>;
export interface DraftEdge {
  from: string;
  to: string;
  when?: string;
  otherwise?: boolean;
  on?: 'success' | 'error' | 'any';
  max?: number;
}

export interface Drafted {
  document: Record<string, unknown>;
  report: ImportReport;
}

const NAME_MAX = 200;

export class ImportDraft {
  readonly report: ImportReport = { mapped: [], unmapped: [], notes: [] };
  readonly inputs = new Map<string, Record<string, unknown>>();
  readonly outputs = new Map<string, string>();
  readonly triggers: Record<string, unknown>[] = [];
  /** Ids of nodes that became part of another one, as what a map runs. */
  readonly absorbed = new Set<string>();
  private readonly nodes = new Map<string, DraftNode & { id: string }>();
  private readonly edges = new Map<string, DraftEdge>();
  private readonly layout = new Map<string, [number, number]>();
  private readonly taken = new Map<string, number>();
  /** Ids in the order of the source: nodes are made in that of the flow. */
  private readonly order: string[] = [];

  /** A new id made of a name. Whatever the name holds, the id can be said in an expression. */
  idFor(name: string): string {
    const plain = name
      .slice(0, NAME_MAX)
      .normalize('NFKD')
      .replaceAll(/\p{M}+/gu, '')
      .replaceAll(/[^A-Za-z0-9]+/g, '_')
      .replaceAll(/^_+|_+$/g, '')
      .toLowerCase()
      .slice(0, 48);
    const start = plain === '' ? 'node' : /^[0-9]/.test(plain) ? `n_${plain}` : plain;
    const word = celReservedWords.includes(start) ? `${start}_node` : start;
    for (let count = (this.taken.get(word) ?? 0) + 1; ; count++) {
      const id = count === 1 ? word : `${word}_${count}`;
      if (count > 1 && this.taken.has(id)) continue; // somebody's name was just that
      this.taken.set(word, count);
      if (id !== word) this.taken.set(id, 1);
      this.order.push(id);
      return id;
    }
  }

  /** The node stands in the document and in the report as mapped. */
  map(source: SourceNode, id: string, node: DraftNode): void {
    this.put(source, id, node);
    this.mapped(source, node.type, id);
  }

  /** A place that keeps the drawing's shape: a person says that it was done by hand, or replaces it. */
  placeholder(source: SourceNode, id: string, why: string, shown = ''): void {
    const body = `“${source.name}” (${source.type}) was imported and has no counterpart here: ${why}${shown === '' ? '' : `\n\n${shown}`}`;
    this.put(source, id, {
      type: 'approval',
      config: { title: literal(shortened(`Replace: ${source.name}`)), body: literal(shortened(body, 4000)) },
    });
    this.unmapped(source, why, { nodeId: id });
  }

  /** Asks a person which way to go, where the way was decided by something that is not in the export. */
  decision(source: SourceNode, id: string, ways: readonly string[], why: string): void {
    const choice = { type: 'object', required: ['next'], properties: { next: { type: 'string', enum: [...ways] } } };
    this.put(source, id, {
      type: 'approval',
      config: {
        title: literal(shortened(`Decide: ${source.name}`)),
        body: literal(shortened(`Where does “${source.name}” lead? ${why}`, 4000)),
        form: choice,
      },
    });
    this.unmapped(source, why, { nodeId: id });
  }

  put(source: SourceNode, id: string, node: DraftNode): void {
    this.nodes.set(id, { id, name: shortened(source.name, NAME_MAX), ...node });
    if (source.position) this.layout.set(id, source.position);
  }

  node(id: string): DraftNode | undefined {
    return this.nodes.get(id);
  }

  remove(id: string): void {
    this.nodes.delete(id);
    this.layout.delete(id);
  }

  edge(edge: DraftEdge): void {
    this.edges.set(JSON.stringify([edge.from, edge.to, edge.when ?? '', edge.otherwise ?? false, edge.on ?? '']), edge);
  }

  mapped(source: SourceNode, as: string, nodeId?: string): void {
    this.report.mapped.push({ ...place(source), as, ...(nodeId === undefined ? {} : { nodeId }) });
  }

  unmapped(source: SourceNode, why: string, { nodeId, field }: { nodeId?: string; field?: string } = {}): void {
    const at = place(source);
    this.report.unmapped.push({
      ...at,
      path: `${at.path}${field ?? ''}`,
      why: shortened(why, 500),
      ...(nodeId === undefined ? {} : { nodeId }),
    });
  }

  note(text: string): void {
    const shown = shortened(text, 500);
    if (!this.report.notes.includes(shown)) this.report.notes.push(shown);
  }

  finish(about: { name: string; description?: string | undefined }): Drafted {
    const nodes = this.order.flatMap((id) => this.nodes.get(id) ?? []);
    const { edges, loops } = closeCycles(
      nodes.map(({ id }) => id),
      [...this.edges.values()].filter(({ from, to }) => this.nodes.has(from) && this.nodes.has(to)),
    );
    for (const { from, to, max } of loops)
      this.note(`The way back from ${from} to ${to} is a loop here: it is taken at most ${max} times.`);
    return {
      document: {
        name: shortened(about.name.trim() || 'Imported workflow', NAME_MAX),
        ...(about.description ? { description: shortened(about.description, 2000) } : {}),
        ...(this.inputs.size === 0 ? {} : { inputs: Object.fromEntries(this.inputs) }),
        nodes,
        edges,
        ...(this.outputs.size === 0 ? {} : { outputs: Object.fromEntries(this.outputs) }),
        ...(this.triggers.length === 0 ? {} : { triggers: this.triggers }),
        ...(this.layout.size === 0 ? {} : { layout: Object.fromEntries(this.layout) }),
      },
      report: this.report,
    };
  }
}

function place({ id, name, type, path }: SourceNode) {
  return { sourceId: shortened(id), sourceName: shortened(name), sourceType: shortened(type), path };
}
