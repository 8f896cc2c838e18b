// The statistics of comparisons: false alarms between equal models, coverage of intervals, power as it is printed, choosing
// the best of many, seeds of training, slices, time for large tables, and agreement with scipy, statsmodels and
// scikit-learn on random cases.
// Writes nothing but tables on standard output and a folder of its own among the temporary files. Needs a Python with these
// three, which it installs from PyPI into that folder if none is named.
//   npx node bench/statistics.ts [--python <path>] [--cases 1000] [--only classes,power,peeking,…]
//     [--metrics macroF1,… for coverage] [--longer 3, as many rounds of it]
import { parseScript } from '../platform/lib/parse-script.ts';
import { printAgreement } from './statistics/agreement.ts';
import { printAnswers } from './statistics/answers.ts';
import { printCalibration } from './statistics/calibration.ts';
import { printClasses, printPower } from './statistics/classes.ts';
import { printCoverage } from './statistics/coverage.ts';
import { printPeeking } from './statistics/peeking.ts';
import { printRankings } from './statistics/rankings.ts';
import { printRefusal } from './statistics/refusal.ts';
import { printRegressionPower, printRegressions } from './statistics/regressions.ts';
import { printSeeds } from './statistics/seeds.ts';
import { printSlices } from './statistics/slices.ts';
import { printSpeed } from './statistics/speed.ts';

const { values: options } = parseScript({
  options: {
    python: { type: 'string' },
    cases: { type: 'string', default: '1000' },
    only: { type: 'string' },
    metrics: { type: 'string' },
    longer: { type: 'string', default: '1' },
  },
});

const parts: Readonly<Record<string, () => void | Promise<void>>> = {
  classes: printClasses,
  power: printPower,
  peeking: printPeeking,
  seeds: printSeeds,
  slices: printSlices,
  regressions: printRegressions,
  regressionPower: printRegressionPower,
  rankings: printRankings,
  answers: printAnswers,
  coverage: () => printCoverage(options.metrics?.split(','), Number(options.longer)),
  calibration: printCalibration,
  refusal: printRefusal,
  speed: printSpeed,
  agreement: () => printAgreement(options.python, Number(options.cases)),
};

const asked = options.only?.split(',') ?? Object.keys(parts);
for (const [name, print] of Object.entries(parts)) {
  if (!asked.includes(name)) continue;
  console.log(`### ${name}\n`);
  await print();
}
