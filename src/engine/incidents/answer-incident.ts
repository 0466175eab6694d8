/** What people do with an incident: take it, and say with a note that it is over. */
import { PointsmanError } from '../../contract/errors.ts';
import type { Incident } from '../../contract/incidents.ts';
import { wayBack } from '../../domain/incidents/incident-machine.ts';
import type { IncidentRecord } from '../../ports/store/incidents.ts';
import type { StoreTransaction } from '../../ports/store/store.ts';
import type { Actor, EngineContext } from '../engine-context.ts';
import { announce, endTrouble, walk } from './note-incident.ts';

export async function takeIncident(
  context: EngineContext,
  { id, by, requestId }: { id: string; by: Actor; requestId?: string },
): Promise<Incident> {
  return context.store.transaction(async (transaction) => {
    const incident = await locked(transaction, id);
    if (incident.state !== 'alert') throw wrongState(incident, 'Only one that alerts can be taken.');
    const at = context.clock.now().toISOString();
    const reason = `${by.name} took it`;
    const taken = { ...walk(incident, ['human'], { at, by: by.name, reason }), takenBy: by.name };
    await transaction.incidents.put(taken);
    announce(transaction, taken);
    await transaction.identity.audit({
      actor: by.name,
      action: 'incident.take',
      subject: id,
      detail: { title: incident.title },
      ...(requestId ? { requestId } : {}),
    });
    return taken;
  });
}

export async function resolveIncident(
  context: EngineContext,
  { id, note, by, requestId }: { id: string; note: string; by: Actor; requestId?: string },
): Promise<Incident> {
  return context.store.transaction(async (transaction) => {
    const incident = await locked(transaction, id);
    if (incident.state === 'alert') throw wrongState(incident, 'Take it first, so that others see who looks.');
    if (incident.state === 'recovery') throw wrongState(incident, 'It still heals by itself.');
    if (wayBack(incident.state).length === 0) throw wrongState(incident, 'Nothing is left to do.');
    const at = context.clock.now().toISOString();
    const resolved = { ...incident, resolution: { by: by.name, at, note } };
    const closed = await endTrouble(transaction, resolved, { at, by: by.name, reason: note });
    await transaction.identity.audit({
      actor: by.name,
      action: 'incident.resolve',
      subject: id,
      detail: { title: incident.title, note },
      ...(requestId ? { requestId } : {}),
    });
    return closed;
  });
}

async function locked(transaction: StoreTransaction, id: string): Promise<IncidentRecord> {
  const incident = await transaction.incidents.lock(id);
  if (!incident) throw new PointsmanError('INCIDENT_NOT_FOUND');
  return incident;
}

function wrongState({ state, takenBy }: IncidentRecord, advice: string): PointsmanError {
  const who = takenBy === undefined ? '' : ` and was taken by ${takenBy}`;
  const now = state === 'normal' ? 'The incident is over' : `The incident is in the state “${state}”`;
  return new PointsmanError('INCIDENT_WRONG_STATE', { detail: `${now}${who}. ${advice}` });
}
