import { Command } from 'commander';
import { expect, test } from 'vitest';
import { assertPlace } from '../../../../pipeline/cli/share.ts';

const command = new Command().exitOverride().configureOutput({ writeErr: () => {} });

test('an option that is about Jobs is not passed over where the work is done here', () => {
  expect(() => assertPlace(command, { image: 'x:1' }, ['image'])).toThrow(/--image.*--on/);
  expect(() => assertPlace(command, { restart: true }, ['restart'])).toThrow(/--restart.*--on/);
});

test('it may stand beside the place, and need not', () => {
  assertPlace(command, { on: 'kubernetes', image: 'x:1' }, ['image']);
  assertPlace(command, { on: undefined, image: undefined }, ['image']);
});
