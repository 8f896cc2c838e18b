import { evenly } from '../../platform/lib/evenly.ts';

/** At most so many held-out examples make the reference profile. */
const profileRows = 2000;

/** The held-out examples that the reference profile is made of: the same ones each time. */
export function chooseReference<Row>(validation: readonly Row[], test: readonly Row[]): Row[] {
  return evenly([...validation, ...test], profileRows);
}
