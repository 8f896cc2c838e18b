import type { SweepDefinition, SweepMethod } from '../../platform/schemas/define/index.ts';

/** Which methods look at a setting that not all look at. */
const users: Readonly<Record<string, readonly SweepMethod[]>> = {
  trials: ['random', 'sobol', 'tpe', 'halving', 'hyperband'],
  batch: ['tpe'],
  factor: ['halving', 'hyperband'],
  least: ['halving', 'hyperband'],
};

/**
 * Where a sweep.json says something that its method does not look at, for a person: nobody should believe that it counts.
 *
 * @param written the file's value, before defaults are filled in
 * @param points of a grid
 * @example findUnused({ method: 'grid', trials: 2 }, definition, 12)
 *   // ['trials 2 does not count: a grid tries all of its 12 points. "--trials 2" tries so many.']
 */
export function findUnused(
  written: unknown,
  { method, space }: SweepDefinition,
  points: number,
): string[] {
  const given = new Map(Object.entries(Object(written)));
  const unused = Object.entries(users).flatMap(([key, methods]) => {
    if (!given.has(key) || methods.includes(method)) return [];
    if (key !== 'trials')
      return [
        `${key} does not count: it is of ${methods.join(' and ')}, and the method is ${method}.`,
      ];
    const count = given.get(key);
    // Nothing is lost where it says what happens anyway.
    if (count === points) return [];
    return [
      `trials ${count} does not count: a grid tries all of its ${points} points. "--trials ${count}" tries so many.`,
    ];
  });
  const writtenSpace = Object(given.get('space'));
  const steps = Object.keys(space).filter((key) =>
    Object.hasOwn(Object(writtenSpace[key]), 'steps'),
  );
  return [
    ...unused,
    ...steps.flatMap((key) =>
      method === 'grid'
        ? []
        : [`steps of ${key} does not count: it is of grid, and the method is ${method}.`],
    ),
  ];
}
