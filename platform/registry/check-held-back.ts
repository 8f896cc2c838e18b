import type { HeldBack, HeldBackFigures, HeldBackLook, ModelPointer } from '../schemas/index.ts';
import { isAlike } from './is-alike.ts';
import { countLooks } from './looks.ts';

/**
 * Where what a pointer says of held-back examples is not what the model does there, in words that follow "it"; empty if all is
 * right.
 *
 * @param measured on the held-back examples of the tree, against the champion that serves
 * @param looks those that are noted
 */
export function findHeldBackFaults(
  { run, heldBack }: Pick<ModelPointer, 'run' | 'heldBack'>,
  measured: HeldBackFigures,
  looks: readonly HeldBackLook[],
): string[] {
  if (!heldBack) return ['says nothing of the examples that are held back for promotions'];
  if (heldBack.set !== measured.set || heldBack.examples !== measured.examples) {
    return [
      `was measured on other held-back examples: ${heldBack.examples}, not ${measured.examples}`,
    ];
  }
  const failed = measured.gates.filter(({ passed }) => !passed);
  const own = looks.filter((look) => look.run === run && look.set === heldBack.set);
  const isOther = own.some(({ marks }) => marks !== undefined && marks !== measured.marks);
  const others = countLooks(looks, measured, run);
  return [
    ...differences(heldBack, measured).map((name) => `states another held-back ${name}`),
    ...failed.map(({ message }) => `is refused by what is held back: ${message}`),
    ...(failed.length > 0
      ? []
      : otherParts(heldBack, measured).map((part) => `states other held-back ${part}`)),
    ...(own.length > 0 ? [] : ['has no note in held-back/ that it was measured there']),
    ...(isOther ? ['has a note in held-back/ that marks other examples'] : []),
    ...(heldBack.looks < 1 ? ['counts no look, not even its own'] : []),
    ...(heldBack.looks > others ? [`counts ${heldBack.looks} looks, but ${others} are noted`] : []),
  ];
}

/** The names of the metrics that are stated otherwise than they were measured. */
function differences(stated: HeldBack, measured: HeldBackFigures): string[] {
  const found = new Map(measured.metrics.map((metric) => [metric.name, metric]));
  const said = new Map(stated.metrics.map((metric) => [metric.name, metric]));
  const names = new Set([...found.keys(), ...said.keys()]);
  return [...names].filter((name) => !isAlike(said.get(name), found.get(name)));
}

/** What else is stated otherwise; a comparison with another champion says nothing of this one. */
function otherParts(stated: HeldBack, measured: HeldBackFigures): string[] {
  const [ours, theirs] = [stated.comparison, measured.comparison];
  const isOther = ours !== null && theirs !== null && ours.champion !== theirs.champion;
  return [
    ...(isAlike(stated.gates, measured.gates) ? [] : ['gates']),
    ...(isOther || isAlike(ours, theirs) ? [] : ['figures of the comparison']),
  ];
}
