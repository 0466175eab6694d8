/** Which way an incident may go: from normal through error, logging and analysis, and by one of three ways back. Pure. */
import { PointsmanError } from '../../contract/errors.ts';
import type { IncidentEvent, IncidentState } from '../../contract/incidents.ts';

export const INCIDENT_TRANSITIONS: Readonly<
  Record<IncidentState, Readonly<Partial<Record<IncidentEvent, IncidentState>>>>
> = {
  normal: { exception: 'error' },
  error: { capture: 'logging' },
  logging: { process: 'analysis' },
  analysis: { automatic: 'recovery', manual: 'alert' },
  recovery: { success: 'normal', failure: 'fallback' },
  alert: { human: 'investigation' },
  investigation: { resolution: 'fix' },
  fix: { deployed: 'normal' },
  fallback: { temporary: 'degraded' },
  degraded: { restored: 'normal' },
};

/** Throws INCIDENT_WRONG_STATE where no arrow leads. */
export function nextIncidentState(state: IncidentState, event: IncidentEvent): IncidentState {
  const next = INCIDENT_TRANSITIONS[state][event];
  if (!next)
    throw new PointsmanError('INCIDENT_WRONG_STATE', {
      detail: `An incident in the state “${state}” knows no “${event}”.`,
    });
  return next;
}

/** From the exception to where it rests: it heals by itself, or somebody has to look. */
export function wayIn(response: 'automatic' | 'manual'): readonly IncidentEvent[] {
  return ['exception', 'capture', 'process', response];
}

/** What has to happen from here until all is normal. */
export function wayBack(state: IncidentState): readonly IncidentEvent[] {
  return WAY_BACK[state];
}

const WAY_BACK: Readonly<Record<IncidentState, readonly IncidentEvent[]>> = {
  normal: [],
  error: ['capture', 'process', 'automatic', 'success'],
  logging: ['process', 'automatic', 'success'],
  analysis: ['automatic', 'success'],
  recovery: ['success'],
  alert: ['human', 'resolution', 'deployed'],
  investigation: ['resolution', 'deployed'],
  fix: ['deployed'],
  fallback: ['temporary', 'restored'],
  degraded: ['restored'],
};
