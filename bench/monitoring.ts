// False alarms and power of the drift rule, by simulation with the platform's own index and bound and the default
// objectives; and what watching costs a server: time of an answer, size of a scrape. Prints its tables on standard output; the
// second part starts two servers at the loopback address, for about a minute.
//   node_modules/node/bin/node bench/monitoring.ts [--rounds 1000] [--only rule|cost]
//   --requests <n>   to each server in each of five rounds (default 1000)

import { defineObjectives } from '../monitoring/define-objectives.ts';
import { parseScript } from '../platform/lib/parse-script.ts';
import { createRandom, type Random } from '../platform/lib/random.ts';
import { stabilityBound, stabilityIndex } from '../platform/quality/index.ts';
import { measureCost } from './monitoring/cost.ts';

const { values: options } = parseScript({
  options: {
    rounds: { type: 'string', default: '1000' },
    requests: { type: 'string', default: '1000' },
    only: { type: 'string' },
  },
});
const rounds = Number(options.rounds);
const { drift, falseAlarms } = defineObjectives({});
const reference = 2000;
const inputs = [50, 100, 200, 500, 1000, 5000];
const three = [0.5, 0.3, 0.2];
/** As the profile cuts a number: tails of 2.5 %, then 7.5 and 10 %. */
const twelve = [0.025, 0.075, ...Array.from({ length: 8 }, () => 0.1), 0.075, 0.025];

if (options.only !== 'cost') simulateRule();
if (options.only !== 'rule') await measureCost({ rounds: 5, requests: Number(options.requests) });

function simulateRule(): void {
  console.log(
    `Verdicts of ${rounds} windows each, against ${reference} reference examples; of 20 properties, any.\n`,
  );
  console.log(`| inputs | ${inputs.join(' | ')} |\n| --- |${' ---: |'.repeat(inputs.length)}`);
  row('false alarms, 3 bins', (n) => alarms({ shares: three, live: three, n, properties: 1 }));
  row('false alarms, 12 bins', (n) => alarms({ shares: twelve, live: twelve, n, properties: 1 }));
  row('false alarms, 20 properties of 12 bins', (n) =>
    alarms({ shares: twelve, live: twelve, n, properties: 20 }),
  );
  for (const size of [0.1, 0.25]) {
    row(`found: index ${size}, 3 bins`, (n) => found(three, size, n, 1));
    row(`found: index ${size}, 12 bins`, (n) => found(twelve, size, n, 1));
    row(`found: index ${size}, one of 20 properties of 12 bins`, (n) => found(twelve, size, n, 20));
  }
  row('index above 0.2, no drift, 12 bins', (n) => fixedRule(0.2, n));
}

interface Case {
  readonly shares: readonly number[];
  readonly live: readonly number[];
  readonly n: number;
  readonly properties: number;
}

function row(title: string, shareFor: (n: number) => number): void {
  const cells = inputs.map((n) => `${(100 * shareFor(n)).toFixed(1)} %`);
  console.log(`| ${title} | ${cells.join(' | ')} |`);
}

/** The share of windows in which any of the properties is said to have drifted. */
function alarms({ shares, live, n, properties }: Case): number {
  const random = createRandom(`${n}/${shares.length}/${properties}`);
  return shareOf(() => {
    const verdicts = Array.from({ length: properties }, () =>
      isDrift({ shares, live, n, properties }, random),
    );
    return verdicts.some(Boolean);
  });
}

function found(shares: readonly number[], size: number, n: number, properties: number): number {
  const random = createRandom(`${n}/${size}/${shares.length}/${properties}`);
  const live = shiftedBy(shares, size);
  return shareOf(() => isDrift({ shares, live, n, properties }, random));
}

function fixedRule(limit: number, n: number): number {
  const random = createRandom(`fixed/${n}`);
  return shareOf(() => {
    const counts = { reference: draw(twelve, reference, random), live: draw(twelve, n, random) };
    return stabilityIndex(counts) > limit;
  });
}

function isDrift({ shares, live, n, properties }: Case, random: Random): boolean {
  const counts = { reference: draw(shares, reference, random), live: draw(live, n, random) };
  return stabilityIndex(counts) > Math.max(drift, stabilityBound(counts, falseAlarms / properties));
}

function shareOf(happens: () => boolean): number {
  let times = 0;
  for (let round = 0; round < rounds; round++) if (happens()) times += 1;
  return times / rounds;
}

function draw(shares: readonly number[], examples: number, random: Random): number[] {
  const counts = shares.map(() => 0);
  for (let example = 0; example < examples; example++) {
    let rest = random.next();
    let bin = 0;
    while (bin < shares.length - 1 && rest >= (shares[bin] ?? 0)) rest -= shares[bin++] ?? 0;
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
}

/** Shares that lean to the last bins, by as much as gives the index. */
function shiftedBy(shares: readonly number[], size: number): number[] {
  let [low, high] = [0, 10];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (trueIndex(shares, lean(shares, middle)) < size) low = middle;
    else high = middle;
  }
  return lean(shares, low);
}

function lean(shares: readonly number[], strength: number): number[] {
  const weights = shares.map((share, bin) => share * Math.exp((strength * bin) / shares.length));
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / all);
}

function trueIndex(shares: readonly number[], live: readonly number[]): number {
  return shares.reduce((sum, share, bin) => {
    const other = live[bin] ?? share;
    return sum + (other - share) * Math.log(other / share);
  }, 0);
}
