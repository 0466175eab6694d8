/** How much there is of what, all at once: for measurements, so cheap and from indexes. */

export interface Figure {
  of:
    | 'agents'
    | 'inbox'
    | 'executions'
    | 'letters'
    | 'effects'
    | 'tasks'
    | 'incidents'
    | 'workflows'
    | 'input_tokens'
    | 'output_tokens'
    | 'cost';
  /** Its status, type, class or kind; empty when there is one number only. */
  label: string;
  value: number;
  /** Of the oldest one, in seconds; null where that says nothing. */
  oldestSeconds: number | null;
}
