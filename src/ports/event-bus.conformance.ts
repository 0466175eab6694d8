/** What every EventBus must do, as sentences. Run by the tests of each implementation. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EventBus, Notice } from './event-bus.ts';

export interface EventBusPlace {
  /** Another process, as it were: a bus with connections of its own. */
  open(): Promise<EventBus>;
  /** Cuts the connections that listen; resolves when that is done. */
  cutListening(): Promise<void>;
}

export function eventBusConformance(subject: string, place: () => EventBusPlace): void {
  describe(`${subject} as an event bus`, () => {
    let bus: EventBus;
    let other: EventBus;
    beforeEach(async () => {
      [bus, other] = await Promise.all([place().open(), place().open()]);
    });
    afterEach(async () => {
      await Promise.all([bus.close(), other.close()]);
    });

    it('brings a notice to every listener, of this process and of others', async () => {
      const heard = [bus, bus, other].map((each) => {
        const notices: Notice[] = [];
        each.subscribe((notice) => notices.push(notice));
        return notices;
      });
      await bus.publish({ channel: 'events', key: 'execution:1' });
      await vi.waitFor(() => expect(heard).toEqual(heard.map(() => [{ channel: 'events', key: 'execution:1' }])));
    });

    it('brings the notices of one publisher in their order', async () => {
      const keys: string[] = [];
      other.subscribe(({ key }) => keys.push(key));
      const sent = Array.from({ length: 50 }, (_, index) => `${index}`);
      for (const key of sent) await bus.publish({ channel: 'mailbox', key });
      await vi.waitFor(() => expect(keys).toEqual(sent));
    });

    it('brings a key as it is, whatever it holds', async () => {
      const keys = ['with spaces  and more', 'ünïcødé 🎉', "'; --", 'a:b:c', 'line\nbreak'];
      const heard: Notice[] = [];
      other.subscribe((notice) => heard.push(notice));
      for (const key of keys) await bus.publish({ channel: 'agents', key });
      await vi.waitFor(() => expect(heard).toEqual(keys.map((key) => ({ channel: 'agents', key }))));
    });

    it('tells nothing to a listener that has unsubscribed', async () => {
      const gone: Notice[] = [];
      const stays: Notice[] = [];
      const unsubscribe = bus.subscribe((notice) => gone.push(notice));
      bus.subscribe((notice) => stays.push(notice));
      unsubscribe();
      unsubscribe();
      await other.publish({ channel: 'tasks', key: 'x' });
      await vi.waitFor(() => expect(stays).toHaveLength(1));
      expect(gone).toEqual([]);
    });

    it('says once that notices may be lost when its connection was cut, and listens again', async () => {
      const keys: string[] = [];
      let lost = 0;
      bus.subscribe(
        ({ key }) => keys.push(key),
        () => lost++,
      );
      // One without an interest in losses takes no harm.
      bus.subscribe(() => undefined);
      await place().cutListening();
      await vi.waitFor(() => expect(lost).toBe(1), { timeout: 10_000 });
      await other.publish({ channel: 'sessions', key: 'after' });
      await vi.waitFor(() => expect(keys).toEqual(['after']));
      await place().cutListening();
      await vi.waitFor(() => expect(lost).toBe(2), { timeout: 10_000 });
      await other.publish({ channel: 'sessions', key: 'again' });
      await vi.waitFor(() => expect(keys).toEqual(['after', 'again']));
    });

    it('is silent after it was closed, also when it was about to listen again', async () => {
      const closing = await place().open();
      const heard: Notice[] = [];
      let lost = 0;
      closing.subscribe(
        (notice) => heard.push(notice),
        () => lost++,
      );
      let otherLost = 0;
      other.subscribe(
        () => undefined,
        () => otherLost++,
      );
      await place().cutListening();
      await closing.close();
      await closing.close();
      await vi.waitFor(() => expect(otherLost).toBe(1), { timeout: 10_000 });
      const witness: Notice[] = [];
      other.subscribe((notice) => witness.push(notice));
      await other.publish({ channel: 'events', key: 'late' });
      await vi.waitFor(() => expect(witness).toHaveLength(1));
      expect({ heard, lost }).toEqual({ heard: [], lost: 0 });
    });
  });
}
