/** By how much a conversation's total has grown since it was last told, so that no count is booked twice. Pure. */
import type { Usage } from '../contract/tasks.ts';

/**
 * Tokens below the last count are a count that began anew, as after a lost record; then all of it is growth. A cost of
 * nothing was not told: some CLIs tell it later than the tokens, or not at once after a restart.
 */
/** A total that is summed up again may differ by that much, and has not begun anew. */
const ROUNDING_USD = 1e-9;

export function usageGrowth(before: Usage, total: Usage): { grown: Usage; mark: Usage } {
  const anew = total.inputTokens < before.inputTokens || total.outputTokens < before.outputTokens;
  if (anew) return { grown: { ...total }, mark: { ...total } };
  const cost = total.cost === 0 ? before.cost : total.cost;
  return {
    grown: {
      inputTokens: total.inputTokens - before.inputTokens,
      outputTokens: total.outputTokens - before.outputTokens,
      cost: cost < before.cost - ROUNDING_USD ? cost : Math.max(0, cost - before.cost),
    },
    mark: { inputTokens: total.inputTokens, outputTokens: total.outputTokens, cost },
  };
}

export function usesNothing({ inputTokens, outputTokens, cost }: Usage): boolean {
  return inputTokens === 0 && outputTokens === 0 && cost === 0;
}
