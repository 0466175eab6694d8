import { describe, expect, it } from 'vitest';
import { fuseStatus, type StatusEvidence } from './agent-status.ts';

const at = (second: number) => new Date(second * 1000).toISOString();
const said = (source: StatusEvidence['source'], value: StatusEvidence['value'], second: number): StatusEvidence => ({
  source,
  value,
  reason: `${source} said ${value}`,
  at: at(second),
  heard: second,
});

describe('the status of an agent', () => {
  it('is no_signal when nothing is known', () => {
    expect(fuseStatus([])).toMatchObject({ status: 'no_signal', source: 'none' });
  });

  it('is no_signal when only the process is seen to live', () => {
    expect(fuseStatus([said('process', 'alive', 1)])).toMatchObject({ status: 'no_signal', at: at(1) });
  });

  it('is what the process says when that is more than being alive, whatever else was said', () => {
    expect(fuseStatus([said('process', 'crashed', 1), said('protocol', 'working', 9)])).toMatchObject({
      status: 'crashed',
      source: 'process',
    });
  });

  it('is starting until something was heard after the start', () => {
    const starting = said('process', 'starting', 5);
    expect(fuseStatus([starting, said('hook', 'idle', 4)])).toMatchObject({ status: 'starting' });
    expect(fuseStatus([starting, said('hook', 'idle', 6)])).toMatchObject({ status: 'idle', source: 'hook' });
  });

  it('is the newest fact: an interruption that only the session file tells ends what a hook began', () => {
    expect(
      fuseStatus([said('process', 'alive', 0), said('hook', 'working', 1), said('session_file', 'idle', 2)]),
    ).toMatchObject({ status: 'idle', source: 'session_file' });
  });

  it('is what was heard last, whatever times the sources give', () => {
    const late = { ...said('session_file', 'idle', 2), at: at(0) };
    expect(fuseStatus([said('hook', 'working', 1), late])).toMatchObject({ status: 'idle', source: 'session_file' });
  });

  it('is never what the screen looks like when a fact is known, however old the fact is', () => {
    expect(fuseStatus([said('screen', 'idle', 1000), said('hook', 'blocked', 1)])).toMatchObject({ status: 'blocked' });
    expect(fuseStatus([said('process', 'alive', 0), said('screen', 'idle', 1)])).toMatchObject({
      status: 'idle',
      source: 'screen',
    });
  });
});
