import { expect, test } from 'vitest';
import { isImageName } from '../../../../pipeline/cluster/index.ts';

test.each([
  'penguins',
  'penguins:latest',
  'jen/farm_stand/penguins.v2',
  'ghcr.io/jen/penguins:3f2a9c41d07b',
  'localhost:5000/penguins',
  'LOCALHOST/penguins',
  '[::1]:5000/penguins:a',
  `a--b/c@sha256:${'ab'.repeat(32)}`,
])('%s can be the name of an image', (name) => {
  expect(isImageName(name)).toBe(true);
});

test.each([
  '',
  'a b; $(id)',
  'x:{nope}',
  'ghcr.io/Jen/penguins',
  'penguins:',
  ':tag',
  'a//b',
  '-penguins',
  'penguins:a:b',
  'penguins@sha256:ab',
  'https://ghcr.io/jen/penguins',
  'penguins\n',
  `penguins:${'a'.repeat(129)}`,
])('%j cannot', (name) => {
  expect(isImageName(name)).toBe(false);
});
