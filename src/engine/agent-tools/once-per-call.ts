/** A call that is sent again, because its answer was lost, is not done again: it gets the first answer. */
import { PointsmanError } from '../../contract/errors.ts';
import type { McpToolResult } from '../../contract/mcp.ts';
import { payloadHash } from '../payload-hash.ts';
import type { Caller } from './tool-context.ts';

const DONE_STATUS = 200; // the table is that of HTTP's Idempotency-Key

export async function oncePerCall(
  { context, agent, callId }: Caller,
  call: { tool: string; input: object },
  work: () => Promise<McpToolResult>,
): Promise<McpToolResult> {
  if (callId === null) return work();
  const { identity } = context.store;
  const [owner, key] = [`agent ${agent.id}`, `tool ${callId}`];
  const hash = payloadHash({ tool: call.tool, input: { ...call.input } });
  const stored = await identity.claimKey(owner, key, hash);
  if (stored && stored.requestHash === hash && stored.status !== null) return stored.response as McpToolResult; // stored below
  if (stored)
    throw new PointsmanError('IDEMPOTENCY_KEY_REUSED', { detail: 'A call with this id was made before, or still is.' });
  try {
    const result = await work();
    await identity.storeResponse(owner, key, DONE_STATUS, result);
    return result;
  } catch (error) {
    await identity.releaseKey(owner, key);
    throw error;
  }
}
