/** Cursors are what our own Link headers said; anything else is refused before it reaches the store. */
import { PointsmanError } from '../../contract/errors.ts';
import type { RouteName } from '../../contract/routes.ts';
import { SecretName } from '../../contract/secrets.ts';
import { StateName } from '../../contract/shared-state.ts';
import { isId } from '../../contract/written-ids.ts';

const DEFINITION_FILE = /^[^/\0]{1,255}\.md$/; // oxlint-disable-line no-control-regex
/** Of a conversation that its CLI recorded. */
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z~\d{1,9}$/;
const NUMBER = /^\d{1,9}$/;

export function requireCursor(route: RouteName, cursor: unknown): void {
  if (typeof cursor !== 'string' || cursor === '' || fits(route, cursor)) return;
  throw new PointsmanError('INVALID_REQUEST', {
    detail: 'The cursor is not one of this list.',
    problems: [
      {
        path: '/cursor',
        code: 'INVALID_FORMAT',
        message: 'Follow the Link header of the page before.',
        severity: 'error',
      },
    ],
  });
}

function fits(route: RouteName, cursor: string): boolean {
  if (route === 'listAgentDefinitions') return DEFINITION_FILE.test(cursor);
  if (route === 'listSecrets') return SecretName.safeParse(cursor).success;
  if (route === 'listNamespaces' || route === 'listState') return StateName.safeParse(cursor).success;
  if (route === 'listWorkflowVersions' || route === 'listCheckpoints' || route === 'listAudit')
    return NUMBER.test(cursor);
  if (route === 'getTranscript' && MOMENT.test(cursor)) return true;
  return isId(cursor);
}
