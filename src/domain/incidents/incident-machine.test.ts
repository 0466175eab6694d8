import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IncidentEvent, IncidentState } from '../../contract/incidents.ts';
import { INCIDENT_TRANSITIONS, nextIncidentState, wayBack, wayIn } from './incident-machine.ts';

const EVENTS = IncidentEvent.options;
const STATES = IncidentState.options;

/** The drawn diagram, arrow by arrow. */
const DIAGRAM = [
  'normal exception error',
  'error capture logging',
  'logging process analysis',
  'analysis automatic recovery',
  'analysis manual alert',
  'recovery success normal',
  'recovery failure fallback',
  'alert human investigation',
  'investigation resolution fix',
  'fix deployed normal',
  'fallback temporary degraded',
  'degraded restored normal',
];

describe('the way of an incident', () => {
  it('has exactly the arrows of the diagram', () => {
    const arrows = Object.entries(INCIDENT_TRANSITIONS).flatMap(([from, to]) =>
      Object.entries(to).map(([event, state]) => `${from} ${event} ${state}`),
    );
    expect(arrows.toSorted()).toEqual(DIAGRAM.toSorted());
  });

  it('never leaves the diagram, whatever events come in whatever order', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...EVENTS), { maxLength: 60 }), (events) => {
        let state: IncidentState = 'normal';
        for (const event of events) {
          const arrow = DIAGRAM.find((each) => each.startsWith(`${state} ${event} `));
          if (arrow) {
            state = nextIncidentState(state, event);
            expect(arrow.endsWith(` ${state}`)).toBe(true);
          } else {
            expect(() => nextIncidentState(state, event)).toThrow(
              expect.objectContaining({ code: 'INCIDENT_WRONG_STATE', status: 409 }),
            );
          }
        }
      }),
    );
  });

  it.each(STATES)('leads back to normal from %s', (from) => {
    const end = wayBack(from).reduce<IncidentState>((state, event) => nextIncidentState(state, event), from);
    expect(end).toBe('normal');
  });

  it('rests where it heals by itself, or where somebody has to look', () => {
    const rest = (response: 'automatic' | 'manual') =>
      wayIn(response).reduce<IncidentState>((state, event) => nextIncidentState(state, event), 'normal');
    expect(rest('automatic')).toBe('recovery');
    expect(rest('manual')).toBe('alert');
  });
});
