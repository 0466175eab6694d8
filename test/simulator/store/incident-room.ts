/** Incidents in memory: what commits of executions write. */
import type { IncidentRecord, IncidentStore } from '../../../src/ports/store/incidents.ts';
import { type Row, stored } from './memory-database.ts';
import type { Run } from './memory-store.ts';

export function incidentRoom(run: Run): IncidentStore {
  const absent = () => Promise.reject(new Error('nobody keeps incidents here'));
  return {
    newest: (fingerprint) =>
      run('incidents.newest', (open) => {
        open.lock(`incident ${fingerprint}`);
        const row = open.all('incidents').findLast((each) => each['fingerprint'] === fingerprint);
        if (row) open.lock(`incidents ${row['id']}`);
        return recordOf(row);
      }),
    lock: (id) =>
      run('incidents.lock', (open) => {
        open.lock(`incidents ${id}`);
        return recordOf(open.get('incidents', id));
      }),
    get: (id) => run('incidents.get', (open) => recordOf(open.get('incidents', id))),
    insert: (incident) =>
      run('incidents.insert', (open) => open.put('incidents', incident.id, stored(incident) as unknown as Row)),
    put: (incident) =>
      run('incidents.put', (open) => open.put('incidents', incident.id, stored(incident) as unknown as Row)),
    openOf: (of) =>
      run('incidents.openOf', (open) =>
        open
          .all('incidents')
          .filter(
            (row) => row['closedAt'] === undefined && Object.entries(of).every(([name, value]) => row[name] === value),
          )
          .map((row) => row as IncidentRecord),
      ),
    list: absent,
    outlived: absent,
    silentAgents: absent,
  };
}

function recordOf(row: Row | undefined): IncidentRecord | null {
  return row ? (row as IncidentRecord) : null; // written by this room alone
}
