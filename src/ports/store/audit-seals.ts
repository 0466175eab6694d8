/** Makes the audit one that cannot be rewritten unseen. */
import type { AuditVerdict } from '../../contract/audit.ts';

export interface AuditSealStore {
  /** Seals what was written since the last seal; busy: somebody writes for longer than it waits. */
  seal(): Promise<'sealed' | 'nothing_new' | 'busy'>;
  verify(): Promise<AuditVerdict>;
}
