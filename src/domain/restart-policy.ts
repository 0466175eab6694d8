/** When a crashed agent is started again: three times in ten minutes, each time later. Pure. */

export interface RestartPolicy {
  maxRestarts: number;
  windowMs: number;
  backoffMs: readonly number[];
}

export const DEFAULT_RESTART_POLICY: RestartPolicy = {
  maxRestarts: 3,
  windowMs: 600_000,
  backoffMs: [500, 5_000, 20_000],
};

export function nextRestart(
  restarts: readonly string[],
  now: string,
  policy: RestartPolicy = DEFAULT_RESTART_POLICY,
): { outcome: 'restart'; afterMs: number; restarts: string[] } | { outcome: 'give_up'; restarts: string[] } {
  const recent = restarts.filter((at) => Date.parse(now) - Date.parse(at) < policy.windowMs);
  if (recent.length >= policy.maxRestarts) return { outcome: 'give_up', restarts: recent };
  return {
    outcome: 'restart',
    afterMs: policy.backoffMs[Math.min(recent.length, policy.backoffMs.length - 1)] ?? 0,
    restarts: [...recent, now],
  };
}
