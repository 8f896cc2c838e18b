import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { createAdmission, type Place } from '../../../../serving/inference/admission.ts';

const nobody = () => expect.unreachable('was displaced');

test('as many requests as the limit are inside; one that leaves makes room', () => {
  const admission = createAdmission({ requests: 2, bytes: 100 });
  const first = admission.enter(nobody);
  admission.enter(nobody);
  expect(admission.isFull()).toBe(true);
  expect(() => admission.enter(nobody)).toThrow('2 requests are already waiting');
  first.leave();
  first.leave();
  expect(admission.isFull()).toBe(false);
  admission.enter(nobody);
  expect(admission.isFull()).toBe(true);
});

test('where it is full, the body that has been arriving longest gives way, after two seconds', () => {
  let now = 0;
  const admission = createAdmission({ requests: 2, bytes: 100 }, () => now);
  const working = admission.enter(nobody);
  working.begin();
  const displaced = vi.fn();
  admission.enter(displaced);
  now = 1999;
  expect(admission.isFull()).toBe(true);
  now = 2000;
  expect(admission.isFull()).toBe(false);
  admission.enter(nobody);
  expect(displaced).toHaveBeenCalledOnce();
  expect(displaced.mock.calls[0]?.[0]).toMatchObject({ code: 'SERVING_BUSY' });
});

test('a request that counts as many takes half of the places at most, and gives them back', () => {
  const admission = createAdmission({ requests: 8, bytes: 100 });
  const large = admission.enter(nobody, 99);
  for (let count = 0; count < 4; count++) admission.enter(nobody);
  expect(admission.isFull()).toBe(true);
  large.leave();
  expect(admission.isFull()).toBe(false);
  admission.enter(nobody);
  expect(() => admission.enter(nobody, 99)).toThrow('5 requests are already waiting');
  admission.enter(nobody, 3);
  expect(admission.isFull()).toBe(true);
});

test('one place is enough for a request that counts as many', () => {
  const admission = createAdmission({ requests: 1, bytes: 100 });
  admission.enter(nobody, 99).leave();
  admission.enter(nobody);
  expect(admission.isFull()).toBe(true);
});

test('as many slow bodies give way as a request that counts as several needs', () => {
  let now = 0;
  const admission = createAdmission({ requests: 4, bytes: 100 }, () => now);
  const displaced = vi.fn();
  for (let count = 0; count < 4; count++) admission.enter(displaced);
  now = 2000;
  admission.enter(nobody, 2);
  expect(displaced).toHaveBeenCalledTimes(2);
});

test('bytes are bounded over all requests, and given back', () => {
  let now = 0;
  const admission = createAdmission({ requests: 9, bytes: 100 }, () => now);
  const slow = vi.fn();
  const holder = admission.enter(slow);
  holder.receive(80);
  const other = admission.enter(nobody);
  expect(() => other.receive(30)).toThrow('all the bytes');
  other.leave();
  admission.enter(nobody).receive(20);
  now = 5000;
  admission.enter(nobody).receive(60);
  expect(slow).toHaveBeenCalledOnce();
});

test('whatever comes and goes, no limit is exceeded and nothing is kept', () => {
  const step = fc.record({
    action: fc.constantFrom('enter', 'receive', 'begin', 'leave', 'wait'),
    which: fc.nat(9),
    count: fc.nat(60),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const limits = { requests: 4, bytes: 100 };
      let now = 0;
      const admission = createAdmission(limits, () => now);
      const inside = new Map<Place, number>();
      const leave = (place: Place | undefined) => {
        if (!place) return;
        place.leave();
        inside.delete(place);
      };
      for (const { action, which, count } of steps) {
        const place = [...inside.keys()][which];
        if (action === 'wait') now += count * 100;
        else if (action === 'begin') place?.begin();
        else if (action === 'leave') leave(place);
        else if (action === 'enter') {
          try {
            const entered: Place = admission.enter(() => inside.delete(entered));
            inside.set(entered, 0);
          } catch {
            expect(inside.size).toBe(limits.requests);
          }
        } else if (place) {
          inside.set(place, (inside.get(place) ?? 0) + count);
          try {
            place.receive(count);
          } catch {
            leave(place);
          }
        }
        expect(inside.size).toBeLessThanOrEqual(limits.requests);
        const held = [...inside.values()].reduce((sum, bytes) => sum + bytes, 0);
        expect(held).toBeLessThanOrEqual(limits.bytes);
      }
      for (const place of inside.keys()) place.leave();
      admission.enter(nobody).receive(limits.bytes);
    }),
  );
});
