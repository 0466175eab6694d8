/** Tells whose execution is whose: what those that it has started ask a person, an execution waits for too. */
import type { ApiClient } from './api-client.ts';

/** Whether an execution is this one, or was started by it at any depth. */
export function executionFamily(id: string, api: () => ApiClient): (executionId: string) => Promise<boolean> {
  const known = new Map([[id, true]]);
  const belongs = async (executionId: string): Promise<boolean> => {
    const before = known.get(executionId);
    if (before !== undefined) return before;
    try {
      const { parentExecutionId: parent } = await api().call('getExecution', { params: { id: executionId } });
      const answer = parent !== undefined && (await belongs(parent));
      known.set(executionId, answer);
      return answer;
    } catch {
      return false; // the server has gone; its return brings all items once more
    }
  };
  return belongs;
}
