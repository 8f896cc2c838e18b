import { expect, test } from 'vitest';
import { createRandom } from '../../../../platform/lib/random.ts';
import { isAssigned } from '../../../../serving/inference/assign.ts';

const run = 'aaaaaaaaaaaa';
const never = () => {
  throw new Error('nothing is drawn where a key decides');
};
const header = (headers: Record<string, string>) => (name: string) => headers[name];
const stalls = Array.from({ length: 4000 }, (_, at) => `stall ${at}`);
const assigned = (share: number, of = run) =>
  stalls.filter((stall) =>
    isAssigned({ share, key: 'x-stall' }, of, header({ 'x-stall': stall }), never),
  );

test('equal keys always get the same version, and about the share of them the one that is tried', () => {
  const first = assigned(0.1);
  expect(assigned(0.1)).toEqual(first);
  // Three standard deviations of a binomial share.
  expect(Math.abs(first.length / stalls.length - 0.1)).toBeLessThan(3 * Math.sqrt(0.09 / 4000));
});

test('a greater share takes more keys in and lets none go; another run is another draw', () => {
  const [few, more] = [assigned(0.1), new Set(assigned(0.3))];
  expect(few.every((stall) => more.has(stall))).toBe(true);
  const other = new Set(assigned(0.1, 'bbbbbbbbbbbb'));
  const both = few.filter((stall) => other.has(stall)).length;
  expect(both).toBeLessThan(few.length / 3);
});

test.for([
  ['a request without the key', { share: 1, key: 'x-stall' }, {}, false],
  ['a request with an empty key', { share: 1, key: 'x-stall' }, { 'x-stall': '' }, false],
  [
    'a request with the header',
    { share: 0, header: { name: 'x-group', value: 'b' } },
    { 'x-group': 'b' },
    true,
  ],
  [
    'a request with another value',
    { share: 0, header: { name: 'x-group', value: 'b' } },
    { 'x-group': 'a' },
    false,
  ],
] as const)('%s is recognised', ([, traffic, headers, expected]) => {
  expect(isAssigned(traffic, run, header(headers), () => 0.5)).toBe(expected);
});

test('without a key a share of the requests is drawn', () => {
  const random = createRandom(7);
  const drawn = stalls.filter(() =>
    isAssigned({ share: 0.25 }, run, header({}), () => random.next()),
  );
  expect(Math.abs(drawn.length / stalls.length - 0.25)).toBeLessThan(0.03);
});
