import type { Workflow } from '../../../src/contract/workflows.ts';
import { request } from '../api/request.ts';
import type { Doc } from './document.ts';

interface SaveWorkflow {
  document: Doc;
  base: { id: string; version: number } | null;
  draft: boolean;
  note: string;
  /** On top of whatever is the newest version now. */
  over: boolean;
}

/** The first version of a workflow, or the next one; 412 when another one came between. */
export async function saveWorkflow({ document, base, draft, note, over }: SaveWorkflow): Promise<Workflow> {
  const query = { ...(draft ? { draft: 'true' as const } : {}), ...(note === '' ? {} : { note }) };
  if (!base) return request('POST /api/workflows', { query, body: document });
  const { id } = base;
  const version = over ? (await request('GET /api/workflows/{id}', { params: { id } })).version : base.version;
  return request('PUT /api/workflows/{id}', {
    params: { id },
    query,
    body: document,
    headers: { 'if-match': `"${version}"` },
  });
}
