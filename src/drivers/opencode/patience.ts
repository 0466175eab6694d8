/** How long an agent's opencode is waited for before something is decided about it. */

export interface Patience {
  /** How long the model may say nothing before its turn is given up. */
  modelSilenceMs: number;
  /** How long opencode may go on asking an endpoint that fails. */
  retryMs: number;
  /** How long a prompt that may have been sent can be on its way into the conversation. */
  arrivesMs: number;
}

export const PATIENCE: Patience = {
  /** Models that think hard are silent for minutes. */
  modelSilenceMs: 15 * 60_000,
  /** opencode itself gives up after five tries, a minute altogether, unless the endpoint names a later time. */
  retryMs: 10 * 60_000,
  /** Measured with 1.18.33: the first prompt of a program is there after 4.5 s, on a busy machine after 15. */
  arrivesMs: 30_000,
};
