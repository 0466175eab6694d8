/** The workflows' rows: versions are the truth, nodes and edges of the newest are kept beside for queries. */
import { and, desc, eq, isNull, lt, sql } from 'drizzle-orm';
import { randomUUID } from 'node:crypto';
import type {
  WorkflowParts,
  WorkflowRecord,
  WorkflowStore,
  WorkflowVersionRecord,
} from '../../../ports/store/workflows.ts';
import { type Database, often } from '../database.ts';
import { nodeConfigs, workflowEdges, workflowNodes, workflows, workflowVersions } from '../schema.ts';

const workflowAndVersion = often('workflow-and-version', (db) =>
  db
    .select()
    .from(workflows)
    .leftJoin(
      workflowVersions,
      and(
        eq(workflowVersions.workflowId, workflows.id),
        eq(
          workflowVersions.version,
          sql`coalesce(${sql.placeholder('version')}::integer, CASE WHEN ${sql.placeholder('newest')} THEN ${workflows.version} ELSE ${workflows.liveVersion} END)`,
        ),
      ),
    )
    .where(and(eq(workflows.id, sql.placeholder('id')), isNull(workflows.deletedAt))),
);

export function workflowStore(db: Database): WorkflowStore {
  return {
    async insert(workflow, version, parts) {
      await db.insert(workflows).values(workflow);
      await db.insert(workflowVersions).values(version);
      await saveParts(db, workflow.id, parts);
    },
    async addVersion({ workflowId, expected, name, metadata, version, parts }) {
      return db.transaction(async (tx) => {
        const [current] = await tx
          .select()
          .from(workflows)
          .where(and(eq(workflows.id, workflowId), isNull(workflows.deletedAt)))
          .for('update');
        if (!current) return { outcome: 'missing' as const };
        if (expected !== null && current.version !== expected) return { outcome: 'conflict' as const };
        const next = current.version + 1;
        const [row] = await tx
          .update(workflows)
          .set({
            name,
            metadata,
            version: next,
            updatedAt: version.createdAt,
            liveVersion: version.draft ? current.liveVersion : next,
          })
          .where(eq(workflows.id, workflowId))
          .returning();
        await tx.insert(workflowVersions).values({ ...version, workflowId, version: next });
        await saveParts(tx, workflowId, parts);
        return { outcome: 'added' as const, workflow: toRecord(row as typeof workflows.$inferSelect) };
      });
    },
    async get(id) {
      const [row] = await db
        .select()
        .from(workflows)
        .where(and(eq(workflows.id, id), isNull(workflows.deletedAt)));
      return row ? toRecord(row) : null;
    },
    async named(name) {
      const rows = await db
        .select()
        .from(workflows)
        .where(and(eq(workflows.name, name), isNull(workflows.deletedAt)))
        .orderBy(workflows.id);
      return rows.map(toRecord);
    },
    async names() {
      return db
        .select({ id: workflows.id, name: workflows.name })
        .from(workflows)
        .where(isNull(workflows.deletedAt))
        .orderBy(workflows.id);
    },
    async list(page) {
      const rows = await db
        .select()
        .from(workflows)
        .innerJoin(
          workflowVersions,
          and(eq(workflowVersions.workflowId, workflows.id), eq(workflowVersions.version, workflows.version)),
        )
        .where(and(isNull(workflows.deletedAt), page.before ? lt(workflows.id, page.before) : undefined))
        .orderBy(desc(workflows.id))
        .limit(page.limit);
      return rows.map((row) => ({ workflow: toRecord(row.workflows), newest: toVersion(row.workflow_versions) }));
    },
    async withVersion(id, version) {
      const [row] = await workflowAndVersion(db, {
        id,
        version: typeof version === 'number' ? version : null,
        newest: version === 'newest',
      });
      return row
        ? { workflow: toRecord(row.workflows), version: row.workflow_versions && toVersion(row.workflow_versions) }
        : null;
    },
    async versions(workflowId, page) {
      const rows = await db
        .select()
        .from(workflowVersions)
        .where(
          and(
            eq(workflowVersions.workflowId, workflowId),
            page.before ? lt(workflowVersions.version, page.before) : undefined,
          ),
        )
        .orderBy(desc(workflowVersions.version))
        .limit(page.limit);
      return rows.map(toVersion);
    },
    async lock(id) {
      const [row] = await db
        .select()
        .from(workflows)
        .where(and(eq(workflows.id, id), isNull(workflows.deletedAt)))
        .for('no key update');
      return row ? toRecord(row) : null;
    },
    async promote(workflowId, version) {
      const [row] = await db
        .update(workflows)
        .set({ liveVersion: version, updatedAt: sql`now()` as unknown as string })
        .where(and(eq(workflows.id, workflowId), isNull(workflows.deletedAt)))
        .returning();
      return row ? toRecord(row) : null;
    },
    async trust(id, content) {
      return db.transaction(async (tx) => {
        const [current] = await tx
          .select()
          .from(workflows)
          .where(and(eq(workflows.id, id), isNull(workflows.deletedAt)))
          .for('update');
        const { imported } = current ? toRecord(current) : { imported: null };
        if (!current || imported === null) return null;
        if (imported.trusted.some(({ hash }) => hash === content.hash)) return toRecord(current);
        const [row] = await tx
          .update(workflows)
          .set({ imported: { ...imported, trusted: [...imported.trusted, content] } })
          .where(eq(workflows.id, id))
          .returning();
        return toRecord(row as typeof workflows.$inferSelect); // it is locked
      });
    },
    async remove(id) {
      const rows = await db
        .update(workflows)
        .set({ deletedAt: sql`now()` as unknown as string })
        .where(and(eq(workflows.id, id), isNull(workflows.deletedAt)))
        .returning({ id: workflows.id });
      return rows.length > 0;
    },
  };
}

async function saveParts(db: Database, workflowId: string, parts: WorkflowParts): Promise<void> {
  await db.delete(workflowEdges).where(eq(workflowEdges.workflowId, workflowId));
  await db.delete(workflowNodes).where(eq(workflowNodes.workflowId, workflowId));
  if (parts.nodes.length === 0) return;
  const nodes = parts.nodes.map((node) => ({ ...node, id: randomUUID() }));
  const ids = new Map(nodes.map((node) => [node.name, node.id]));
  await db.insert(workflowNodes).values(
    nodes.map((node) => ({
      id: node.id,
      workflowId,
      name: node.name,
      nodeType: node.type,
      position: node.position,
      data: node.data,
    })),
  );
  await db
    .insert(nodeConfigs)
    .values(nodes.map((node) => ({ id: randomUUID(), nodeId: node.id, config: node.config })));
  const edges = parts.edges.flatMap((edge) => {
    const [sourceNodeId, targetNodeId] = [ids.get(edge.from), ids.get(edge.to)];
    return sourceNodeId && targetNodeId
      ? [{ id: randomUUID(), workflowId, sourceNodeId, targetNodeId, conditions: edge.conditions }]
      : [];
  });
  if (edges.length > 0) await db.insert(workflowEdges).values(edges);
}

function toRecord(row: typeof workflows.$inferSelect): WorkflowRecord {
  const { deletedAt: _deletedAt, ...rest } = row;
  return {
    ...rest,
    metadata: row.metadata as WorkflowRecord['metadata'],
    imported: row.imported as WorkflowRecord['imported'],
  };
}

function toVersion(row: typeof workflowVersions.$inferSelect): WorkflowVersionRecord {
  return {
    ...row,
    document: row.document as WorkflowVersionRecord['document'],
    problems: row.problems as WorkflowVersionRecord['problems'],
  };
}
