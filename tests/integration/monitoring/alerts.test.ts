import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildAlerts, listAlerts } from '../../../monitoring/alerts/index.ts';
import { defineObjectives, type Objectives } from '../../../monitoring/define-objectives.ts';
import {
  bridgeJob,
  bridgeMetrics,
  type DispatchOutcome,
  type LoadOutcome,
  metrics,
  serverJob,
  watchers,
} from '../../../monitoring/metrics.ts';
import { buildRules } from '../../../monitoring/rules/index.ts';
import type { LookupStatus } from '../../../platform/features/index.ts';
import {
  type InputSeries,
  ordinary,
  series,
  seriesOf,
  type Traffic,
} from '../../helpers/traffic.ts';

/** What happened, and which alerts fire at the end; the watchdog always does. */
interface Scenario {
  readonly input: readonly InputSeries[];
  readonly fires: readonly string[];
  /** Minutes of a step. @default 3 */
  readonly minutes?: number;
  readonly steps?: number;
  readonly objectives?: Objectives;
}

const defaults = defineObjectives({});
const day = 24 * 3600;
const darker = [0.6, 0.3, 0.08, 0.02];
const otherMix = [0.2, 0.3, 0.5];
const sent = (change: Partial<Traffic>) => seriesOf({ ...ordinary, ...change });
const target = (replica: number) => ({ job: serverJob, instance: `${replica}:8080` });
const up = (replica: number, values: string) => series(watchers.up, target(replica), values);
const model = (name: string, replica: number, version: string, values: string) =>
  series(name, { ...target(replica), model: 'pumpkins', version }, values);

const loads = (outcome: LoadOutcome, values: string) =>
  series(metrics.modelLoads.name, { ...target(0), model: 'pumpkins', outcome }, values);
const unloads = (values: string) =>
  series(metrics.modelUnloads.name, { ...target(0), model: 'pumpkins' }, values);

const bridge = { job: bridgeJob, instance: 'bridge:8090' };
const bridgeUp = (values: string) => series(watchers.up, bridge, values);
const dispatches = (outcome: DispatchOutcome, values: string) =>
  series(bridgeMetrics.dispatches.name, { ...bridge, action: 'retrain', outcome }, values);
const waiting = (values: string) => series(bridgeMetrics.waiting.name, bridge, values);
const serves = (version: string) => [model(metrics.modelInfo.name, 0, version, '1x50')];
const promotes = (version: string, values: string, name = 'pumpkins') => [
  series(bridgeMetrics.mainModel.name, { ...bridge, model: name, version }, values),
];
const changed = (values: string) =>
  series(bridgeMetrics.mainChanged.name, { ...bridge, model: 'pumpkins' }, values);
/** Read at each step of three minutes. */
const readNow = (steps: number) => series(bridgeMetrics.mainRead.name, bridge, `0+180x${steps}`);
/** Of fifty steps, the first ones are missing. */
const startingAt = (step: number) => (one: InputSeries) => {
  if (one.series.startsWith(watchers.up)) return one;
  return { ...one, values: `_x${step} ${one.values.replace('x50', `x${50 - step}`)}` };
};

/** What a canary does beside ordinary traffic, per step; shares are of its inputs. */
interface Tried {
  readonly inputs?: number;
  readonly failed?: number;
  readonly refused?: number;
  readonly corrected?: number;
  readonly disagreed?: number;
  readonly seconds?: number;
  readonly role?: 'canary' | 'shadow';
}

/** Ordinary traffic, and a version that is tried beside it. Production answers in ten milliseconds. */
function beside({ role = 'canary', ...change }: Tried): InputSeries[] {
  const { inputs, failed, refused, corrected, disagreed, seconds } = {
    ...{ inputs: 6, failed: 0, refused: 0.02, corrected: 0, disagreed: 0.02, seconds: 0.01 },
    ...change,
  };
  const of = { ...target(0), model: 'pumpkins', version: 'c1' };
  const count = (name: string, each: number, labels: Record<string, string>, version = 'c1') =>
    series(name, { ...of, version, ...labels }, `0+${each}x50`);
  const timed = (version: string, each: number, mean: number) => [
    count(`${metrics.stageDuration.name}_count`, each, { stage: 'infer' }, version),
    count(`${metrics.stageDuration.name}_sum`, each * mean, { stage: 'infer' }, version),
  ];
  const answers = (outcome: string, each: number, version: string) =>
    count(metrics.modelAnswers.name, each, { outcome }, version);
  const compared = (outcome: string, share: number) =>
    count(metrics.comparedAnswers.name, inputs * share, { outcome });
  const predicted = (accepted: string, share: number) =>
    count(metrics.predictions.name, inputs * share, { class: 'good', accepted });
  const wrong = { predicted: 'good', label: 'bad', correct: 'false' };
  return [
    ...sent({}),
    ...timed('v1', 6, 0.01),
    ...[answers('answered', 6, 'v1'), answers('failed', 0, 'v1')],
    series(metrics.modelInfo.name, { ...of, role }, '1x50'),
    ...[answers('answered', inputs * (1 - failed), 'c1'), answers('failed', inputs * failed, 'c1')],
    ...[predicted('true', 1 - refused), predicted('false', refused)],
    count(metrics.refused.name, inputs * refused, { reason: 'out-of-distribution' }),
    count(metrics.feedback.name, inputs * corrected, wrong),
    ...[compared('agreed', 1 - disagreed), compared('disagreed', disagreed)],
    ...timed('c1', inputs, seconds),
  ];
}
/** Rows in each step, by what was found of the view. */
const lookedUp = (rows: Partial<Record<LookupStatus, number>>) =>
  Object.entries(rows).map(([status, count]) =>
    series(metrics.featureLookups.name, { ...target(0), ...soil, status }, `0+${count}x50`),
  );
const soil = { model: 'pumpkins', version: ordinary.version, view: 'soil' };
/** Up to when each replica's snapshot holds what was known; 0 while it has none. */
const snapshots = (each: readonly string[]) =>
  each.map((values, replica) =>
    model(metrics.featureSnapshot.name, replica, ordinary.version, values),
  );
/** @param at seconds of the newest value @param limit how old it may be */
const newest = (at: number, limit?: number) => [
  series(metrics.featureNewest.name, { ...target(0), ...soil }, `${at}x50`),
  ...(limit === undefined
    ? []
    : [series(metrics.featureFreshness.name, { ...target(0), ...soil }, `${limit}x50`)]),
];

/** Answers that people judge in each step, by light, and what the test split promised for it. */
const judged = (light: string, right: number, wrong: number, promised?: number): InputSeries[] => {
  const of = { ...target(0), model: 'pumpkins', version: ordinary.version };
  const slice = { ...of, slice: 'light', value: light };
  const all = [...Object.entries({ true: right, false: wrong })];
  return [
    ...all.map(([correct, each]) =>
      series(metrics.sliceFeedback.name, { ...slice, correct }, `0+${each}x50`),
    ),
    ...all.map(([correct, each]) =>
      // The classes are of no importance, but keep two lights apart.
      series(metrics.feedback.name, { ...of, predicted: light, correct }, `0+${each}x50`),
    ),
    ...(promised === undefined
      ? []
      : [series(metrics.referenceSlices.name, slice, `${promised}x50`)]),
  ];
};

const scenarios: Readonly<Record<string, Scenario>> = {
  'a light in which people prove far more answers wrong than in others': {
    input: [...sent({}), ...judged('sun', 2, 0.1, 0.95), ...judged('evening', 0.4, 0.6, 0.9)],
    fires: ['MainstemSliceWorse'],
  },
  'a light that the test split did not have, in which far more answers are wrong': {
    input: [...sent({}), ...judged('sun', 2, 0.1, 0.95), ...judged('other', 0.4, 0.6)],
    fires: ['MainstemSliceWorse'],
  },
  'a light in which the model was as bad on its test split': {
    input: [...sent({}), ...judged('sun', 2, 0.1, 0.95), ...judged('evening', 0.4, 0.6, 0.45)],
    fires: [],
  },
  'people who report mostly what is wrong, in every light': {
    input: [...sent({}), ...judged('sun', 0.1, 0.2, 0.95), ...judged('evening', 0.1, 0.2, 0.9)],
    fires: [],
  },
  'a light in which few answers were judged': {
    input: [...sent({}), ...judged('sun', 2, 0.1, 0.95), ...judged('evening', 0, 0.3, 0.9)],
    fires: [],
  },
  'a canary that is as good as production': { input: beside({}), fires: [] },
  'a canary that fails one request in five': {
    ...{ input: beside({ failed: 0.2 }), fires: ['MainstemCanaryWorse'] },
  },
  'a canary that fails one request in two hundred': { input: beside({ failed: 0.005 }), fires: [] },
  'a canary that refuses a third of the inputs': {
    ...{ input: beside({ refused: 0.33 }), fires: ['MainstemCanaryWorse'] },
  },
  'a canary that people correct often': {
    ...{ input: beside({ corrected: 0.3 }), fires: ['MainstemCanaryWorse'] },
  },
  'a canary that half of the time says something else': {
    ...{ input: beside({ disagreed: 0.5 }), fires: ['MainstemCanaryWorse'] },
  },
  'a canary that one time in ten says something else': {
    ...{ input: beside({ disagreed: 0.1 }), fires: [] },
  },
  'a canary that takes five times as long': {
    ...{ input: beside({ seconds: 0.05 }), fires: ['MainstemCanaryWorse'] },
  },
  'a canary that takes half as long again': { input: beside({ seconds: 0.015 }), fires: [] },
  'a canary that is worse in everything, of which few requests tell': {
    input: beside({ inputs: 0.3, failed: 0.5, refused: 0.5, disagreed: 0.5, seconds: 1 }),
    fires: [],
  },
  'a shadow that is worse in everything': {
    input: beside({ role: 'shadow', failed: 0.5, refused: 0.5, disagreed: 0.5, seconds: 1 }),
    fires: [],
  },
  'ordinary traffic': { input: sent({}), fires: [] },
  'ordinary traffic, and a replica restarts': { input: sent({ restart: 25 }), fires: [] },
  'ordinary traffic on one replica': { input: sent({ replicas: 1 }), fires: [] },
  'no traffic at all': { input: sent({ inputs: 0 }), fires: [] },
  'few inputs, of which all are strange': {
    input: sent({
      inputs: 0.2,
      brightness: darker,
      classes: otherMix,
      refused: 0.5,
      confidence: 0.5,
    }),
    fires: [],
  },

  'dark photos': { input: sent({ brightness: darker }), fires: ['MainstemDataDrift'] },
  'dark photos, and a replica restarts': {
    ...{ input: sent({ brightness: darker, restart: 25 }), fires: ['MainstemDataDrift'] },
  },
  'dark photos, of which each of four replicas saw too few to say': {
    input: sent({ brightness: darker, replicas: 4, inputs: 0.7 }),
    fires: ['MainstemDataDrift'],
  },
  'photos that are a little darker': {
    input: sent({ brightness: [0.24, 0.5, 0.21, 0.05] }),
    fires: [],
  },
  'photos that are dark in other parts on each replica, but not together': {
    input: [
      ...seriesOf({ ...ordinary, replicas: 1, brightness: [0.4, 0.5, 0.05, 0.05] }),
      ...seriesOf({ ...ordinary, replicas: 1, brightness: [0, 0.5, 0.45, 0.05] }).map((one) => ({
        ...one,
        series: one.series.replace('"0:8080"', '"1:8080"'),
      })),
    ],
    fires: [],
  },
  'another mix of answers': { input: sent({ classes: otherMix }), fires: ['MainstemAnswerDrift'] },
  'a mix of answers that is a little other': {
    input: sent({ classes: [0.42, 0.33, 0.25] }),
    fires: [],
  },
  'a feature that is often missing': {
    input: sent({ missing: 0.4 }),
    fires: ['MainstemMissingFeature'],
  },
  'a feature that is sometimes missing': { input: sent({ missing: 0.15 }), fires: [] },
  'a feature that may be missing often': {
    ...{ input: sent({ missing: 0.4 }), fires: [] },
    objectives: defineObjectives({ missingIn: { brightness: 0.5 } }),
  },
  'a feature that is missing more often than even it may': {
    ...{ input: sent({ missing: 0.7 }), fires: ['MainstemMissingFeature'] },
    objectives: defineObjectives({ missingIn: { brightness: 0.5 } }),
  },
  'many files that are no photos': {
    input: sent({ rejected: 0.4 }),
    fires: ['MainstemRejectedInputs'],
  },
  'some files that are no photos': { input: sent({ rejected: 0.06 }), fires: [] },

  'features that are looked up, found and new': {
    input: [...sent({}), ...lookedUp({ present: 20, missing: 1 }), ...newest(8000, 3600)],
    fires: [],
  },
  'features that are often not found': {
    input: [...sent({}), ...lookedUp({ present: 10, missing: 4, unavailable: 4 })],
    fires: ['MainstemFeaturesNotFound'],
  },
  'a view to which nobody writes': {
    input: [...sent({}), ...newest(60, 3600)],
    fires: ['MainstemFeaturesStale'],
  },
  'a server without a snapshot, which nobody has asked for a row yet': {
    input: [...sent({}), ...snapshots(['6000x50', '0x50'])],
    fires: ['MainstemFeaturesUnavailable'],
  },
  'servers that have their snapshot after a few minutes': {
    input: [...sent({}), ...snapshots(['0x2 6000x48', '6000x50'])],
    fires: [],
  },
  'a view of any age': { input: [...sent({}), ...newest(60)], fires: [] },

  'a flood of watermelons': { input: sent({ refused: 0.3 }), fires: ['MainstemRefusalSurge'] },
  'a flood of watermelons, which are darker': {
    input: sent({ refused: 0.3, brightness: darker }),
    fires: ['MainstemRefusalSurge'],
  },
  'darker photos, of which some are refused': {
    input: sent({ refused: 0.12, brightness: darker }),
    fires: ['MainstemDataDrift', 'MainstemRefusalSurge'],
  },
  'one watermelon in twenty': { input: sent({ refused: 0.05 }), fires: [] },
  'a model in doubt': { input: sent({ confidence: 0.8 }), fires: ['MainstemConfidenceDrop'] },
  'a model a little less sure': { input: sent({ confidence: 0.92 }), fires: [] },
  'many corrections': { input: sent({ corrected: 0.2 }), fires: ['MainstemQualityDrop'] },
  'many corrections of a version that took the place of another within the window': {
    input: [
      ...sent({ corrected: 0.2, version: 'v2', inputs: 10 }).map(startingAt(33)),
      model(metrics.modelInfo.name, 0, 'v1', '1x33 _x17'),
    ],
    objectives: defineObjectives({ feedbackWindow: '1h' }),
    fires: ['MainstemPromotionWorse', 'MainstemQualityDrop'],
  },
  'many corrections of a first version': {
    input: sent({ corrected: 0.2, version: 'v2', inputs: 10 }).map(startingAt(33)),
    objectives: defineObjectives({ feedbackWindow: '1h' }),
    fires: ['MainstemQualityDrop'],
  },
  'few corrections of a version that took the place of another': {
    input: [
      ...sent({ corrected: 0.05, version: 'v2', inputs: 10 }).map(startingAt(33)),
      model(metrics.modelInfo.name, 0, 'v1', '1x33 _x17'),
    ],
    objectives: defineObjectives({ feedbackWindow: '1h' }),
    fires: [],
  },
  'many corrections of a version that took the place of another before the window': {
    input: [
      ...sent({ corrected: 0.2, steps: 60, inputs: 30 }),
      model(metrics.modelInfo.name, 2, 'v0', '1x10 _x50'),
    ],
    ...{ minutes: 60, steps: 60, objectives: defineObjectives({ feedbackWindow: '2d' }) },
    fires: ['MainstemQualityDrop'],
  },
  'as many corrections as the model had errors': { input: sent({ corrected: 0.05 }), fires: [] },

  'one request in ten fails': {
    input: sent({ failed: 0.1 }),
    fires: ['MainstemAvailabilityBudgetBurn', 'MainstemAvailabilityBudgetBurnSlow'],
  },
  'one request in fifty fails for a day': {
    ...{ input: sent({ failed: 0.02, steps: 150 }), minutes: 10, steps: 150 },
    fires: ['MainstemAvailabilityBudgetBurnSlow'],
  },
  'one request in a thousand fails': { input: sent({ failed: 0.001 }), fires: [] },
  'all of a handful of requests fail': { input: sent({ inputs: 0.2, failed: 1 }), fires: [] },
  'one answer in three is late': {
    input: sent({ late: 0.33 }),
    fires: ['MainstemLatencyBudgetBurn', 'MainstemLatencyBudgetBurnSlow'],
  },
  'one answer in twenty-five is late for a day': {
    ...{ input: sent({ late: 0.04, steps: 150 }), minutes: 10, steps: 150 },
    fires: ['MainstemLatencyBudgetBurnSlow'],
  },
  'one answer in two hundred is late': { input: sent({ late: 0.005 }), fires: [] },

  'no server was ever there': { input: [], fires: ['MainstemServerDown'] },
  'all servers have gone': {
    input: [up(0, '1x40 0x10'), up(1, '1x40 0x10')],
    fires: ['MainstemServerDown'],
  },
  'all servers are gone for a minute': { input: [up(0, '1x49 0'), up(1, '1x49 0')], fires: [] },
  'one of two servers has gone': {
    input: [up(0, '1x40 0x10'), up(1, '1x50')],
    fires: ['MainstemScrapeDown'],
  },
  'one of two servers restarts': { input: [up(0, '1x47 0x2'), up(1, '1x50')], fires: [] },
  'no server is ready': {
    input: [up(0, '1x50'), model(metrics.modelReady.name, 0, 'v1', '1x40 0x10')],
    fires: ['MainstemModelNotReady'],
  },
  'one of two servers is ready': {
    input: [
      ...[up(0, '1x50'), model(metrics.modelReady.name, 0, 'v1', '1x40 0x10')],
      model(metrics.modelReady.name, 1, 'v1', '1x50'),
    ],
    fires: [],
  },
  'a server that has room for too few of its models': {
    input: [up(0, '1x50'), unloads('0+45x50')],
    fires: ['MainstemModelsThrash'],
  },
  'a server that makes room for a model now and then, and one that loads all of them once': {
    input: [
      up(0, '1x50'),
      unloads('0+6x50'),
      loads('loaded', '0+60x2 120x48'),
      loads('failed', '0x50'),
    ],
    fires: [],
  },
  'a model that cannot be loaded when it is asked for': {
    input: [up(0, '1x50'), loads('failed', '0x46 1x4')],
    fires: ['MainstemModelUnloadable'],
  },
  'a model that could not be loaded an hour ago': {
    input: [up(0, '1x50'), loads('failed', '0x30 1x20'), loads('loaded', '0x31 1x19')],
    fires: [],
  },
  'a server refuses what a pointer names': {
    input: [
      up(0, '1x50'),
      series(metrics.pointerRefused.name, { ...target(0), model: 'pumpkins' }, '0x40 1x10'),
    ],
    fires: ['MainstemPointerRefused'],
  },
  'a server has not seen its branch for half an hour': {
    input: [
      up(0, '1x50'),
      series(metrics.followAge.name, { ...target(0), branch: 'main' }, '10x30 190+180x19'),
    ],
    fires: ['MainstemBranchUnseen'],
  },
  'a git remote that is away for ten minutes': {
    input: [
      up(0, '1x50'),
      series(metrics.followAge.name, { ...target(0), branch: 'main' }, '10x46 190+180x3'),
    ],
    fires: [],
  },
  'a server takes a version at the second attempt': {
    input: [
      up(0, '1x50'),
      series(metrics.pointerRefused.name, { ...target(0), model: 'pumpkins' }, '0x40 1 0x9'),
    ],
    fires: [],
  },
  'a version was rolled out ten minutes ago': {
    input: [
      ...[up(0, '1x50'), model(metrics.modelInfo.name, 0, 'v1', `1x46 _x4`)],
      model(metrics.modelInfo.name, 0, 'v2', '_x46 1x4'),
    ],
    fires: ['MainstemModelVersionChanged'],
  },
  'a version was rolled out an hour ago': {
    input: [
      ...[up(0, '1x50'), model(metrics.modelInfo.name, 0, 'v1', '1x30 _x20')],
      model(metrics.modelInfo.name, 0, 'v2', '_x30 1x20'),
    ],
    fires: [],
  },
  'a rollout stopped half-way': {
    input: [
      ...[up(0, '1x50'), model(metrics.modelInfo.name, 0, 'v1', '1x50')],
      model(metrics.modelInfo.name, 1, 'v2', '_x20 1x30'),
    ],
    fires: ['MainstemModelVersionsDiffer'],
  },
  'a rollout that takes half an hour': {
    input: [
      ...[up(0, '1x50'), model(metrics.modelInfo.name, 0, 'v1', '1x35 _x15')],
      ...[model(metrics.modelInfo.name, 1, 'v1', '1x25 _x25')],
      ...[model(metrics.modelInfo.name, 1, 'v2', '_x25 1x25')],
      ...[model(metrics.modelInfo.name, 0, 'v2', '_x35 1x15')],
    ],
    fires: [],
  },
  'a new version after photos had become dark': {
    input: [
      ...seriesOf({ ...ordinary, brightness: darker, replicas: 1 }).map(
        ({ series: name, values }) => ({
          ...{
            series: name,
            values: name.startsWith(watchers.up) ? values : `${values.replace('x50', 'x30')} _x20`,
          },
        }),
      ),
      model(metrics.modelInfo.name, 0, 'v2', '_x30 1x20'),
    ],
    fires: [],
  },
  'two days with an input now and then': {
    ...{ input: sent({ inputs: 0.2, steps: 60 }), minutes: 30, steps: 60 },
    fires: ['MainstemDriftUnknown'],
  },
  'a keys file that cannot be read': {
    input: [up(0, '1x50'), series(metrics.accessFileDamaged.name, target(0), '0x30 1x20')],
    fires: ['MainstemKeysFileDamaged'],
  },
  'a keys file that is read again': {
    input: [up(0, '1x50'), series(metrics.accessFileDamaged.name, target(0), '1x30 0x20')],
    fires: [],
  },
  'a key that ends in three days, one that ends in a month, and one that has ended': {
    input: [
      up(0, '1x50'),
      ...Object.entries({ stand: 3 * day, partner: 30 * day, old: 60 }).map(([key, ends]) =>
        series(metrics.accessKeyExpires.name, { ...target(0), key }, `${ends}x50`),
      ),
    ],
    fires: ['MainstemKeyExpires'],
  },
  'keys that end in a month, and one that has ended': {
    input: [
      up(0, '1x50'),
      ...Object.entries({ partner: 30 * day, old: 60 }).map(([key, ends]) =>
        series(metrics.accessKeyExpires.name, { ...target(0), key }, `${ends}x50`),
      ),
    ],
    fires: [],
  },
  'a dispatch that GitHub refused': {
    input: [up(0, '1x50'), bridgeUp('1x50'), dispatches('refused', '0x40 1x10')],
    fires: ['MainstemDispatchFailed'],
  },
  'a dispatch that was given up, hours ago': {
    input: [up(0, '1x50'), bridgeUp('1x50'), dispatches('failed', '0x10 1x40')],
    fires: [],
  },
  'dispatches that GitHub took': {
    input: [up(0, '1x50'), bridgeUp('1x50'), dispatches('sent', '0+1x50')],
    fires: [],
  },
  'a dispatch that has waited for an hour': {
    input: [up(0, '1x50'), bridgeUp('1x50'), waiting('0x30 1x20')],
    fires: ['MainstemDispatchFailed'],
  },
  'a dispatch that waits at a bridge that has just begun': {
    input: [up(0, '1x50'), bridgeUp('1x50'), waiting('_x45 1x5')],
    fires: [],
  },
  'dispatches that wait for a minute now and then': {
    input: [up(0, '1x50'), bridgeUp('1x50'), waiting('0x45 1 0 1 0 1')],
    fires: [],
  },
  'a bridge that has gone': {
    input: [up(0, '1x50'), bridgeUp('1x40 0x10')],
    fires: ['MainstemBridgeDown'],
  },
  'a version that main does not promote': {
    input: [up(0, '1x50'), ...serves('v1'), ...promotes('v2', '1x50')],
    fires: ['MainstemVersionNotMain'],
  },
  'a version that main promotes no longer, for half an hour': {
    input: [
      up(0, '1x50'),
      ...serves('v1'),
      ...promotes('v1', '1x40 _x10'),
      ...promotes('v2', '_x40 1x10'),
    ],
    fires: [],
  },
  'the version that main promotes': {
    input: [up(0, '1x50'), ...serves('v1'), ...promotes('v1', '1x50')],
    fires: [],
  },
  'a version of a model that main does not know': {
    input: [up(0, '1x50'), ...serves('v1'), ...promotes('v2', '1x50', 'gourds')],
    fires: [],
  },
  'a model that was promoted longer ago than it may': {
    input: [up(0, '1x50'), changed('0x50'), readNow(50)],
    objectives: defineObjectives({ promotedWithin: '60m' }),
    fires: ['MainstemPromotionStale'],
  },
  'a model that was promoted an hour ago': {
    input: [up(0, '1x50'), changed('0x25 5400x25'), readNow(50)],
    objectives: defineObjectives({ promotedWithin: '120m' }),
    fires: [],
  },
  'a bridge that has not read main for two hours': {
    input: [up(0, '1x50'), bridgeUp('1x50'), series(bridgeMetrics.mainRead.name, bridge, '60x50')],
    fires: ['MainstemMainUnread'],
  },
  'a bridge that reads main': { input: [up(0, '1x50'), bridgeUp('1x50'), readNow(50)], fires: [] },
  'a bridge that restarts': { input: [up(0, '1x50'), bridgeUp('1x49 0')], fires: [] },
  'rules that cannot be evaluated': {
    input: [up(0, '1x50'), series(watchers.ruleFailures, { rule_group: 'x' }, '0+1x50')],
    fires: ['MainstemRuleFailing'],
  },
  'rules that once could not be evaluated': {
    input: [up(0, '1x50'), series(watchers.ruleFailures, { rule_group: 'x' }, '0 1x50')],
    fires: [],
  },
  'notifications that do not arrive': {
    input: [
      up(0, '1x50'),
      series(watchers.notificationsFailed, { integration: 'email' }, '0+1x50'),
    ],
    fires: ['MainstemNotificationsFailing'],
  },
  'notifications that Prometheus drops': {
    input: [up(0, '1x50'), series(watchers.notificationsDropped, {}, '0+1x50')],
    fires: ['MainstemNotificationsFailing'],
  },
  'one notification that did not arrive at first': {
    input: [
      up(0, '1x50'),
      series(watchers.notificationsFailed, { integration: 'email' }, '0x30 1x20'),
    ],
    fires: [],
  },
};

/** By alert, what comes near to it and must leave it silent. The watchdog has nothing: it always fires. */
const nearMisses: Readonly<Record<string, string>> = {
  MainstemAvailabilityBudgetBurn: 'all of a handful of requests fail',
  MainstemAvailabilityBudgetBurnSlow: 'one request in a thousand fails',
  MainstemLatencyBudgetBurn: 'one answer in twenty-five is late for a day',
  MainstemLatencyBudgetBurnSlow: 'one answer in two hundred is late',
  MainstemQualityDrop: 'as many corrections as the model had errors',
  MainstemPromotionWorse: 'many corrections of a first version',
  MainstemSliceWorse: 'a light in which few answers were judged',
  MainstemConfidenceDrop: 'a model a little less sure',
  MainstemRefusalSurge: 'one watermelon in twenty',
  MainstemCanaryWorse: 'a canary that one time in ten says something else',
  MainstemDataDrift: 'photos that are a little darker',
  MainstemAnswerDrift: 'a mix of answers that is a little other',
  MainstemMissingFeature: 'a feature that is sometimes missing',
  MainstemRejectedInputs: 'some files that are no photos',
  MainstemFeaturesNotFound: 'features that are looked up, found and new',
  MainstemFeaturesUnavailable: 'servers that have their snapshot after a few minutes',
  MainstemFeaturesStale: 'features that are looked up, found and new',
  MainstemKeysFileDamaged: 'a keys file that is read again',
  MainstemKeyExpires: 'keys that end in a month, and one that has ended',
  MainstemDispatchFailed: 'a dispatch that was given up, hours ago',
  MainstemBridgeDown: 'a bridge that restarts',
  MainstemVersionNotMain: 'a version that main promotes no longer, for half an hour',
  MainstemPromotionStale: 'a model that was promoted an hour ago',
  MainstemMainUnread: 'a bridge that reads main',
  MainstemModelsThrash:
    'a server that makes room for a model now and then, and one that loads all of them once',
  MainstemModelUnloadable: 'a model that could not be loaded an hour ago',
  MainstemServerDown: 'all servers are gone for a minute',
  MainstemScrapeDown: 'one of two servers restarts',
  MainstemModelNotReady: 'one of two servers is ready',
  MainstemPointerRefused: 'a server takes a version at the second attempt',
  MainstemBranchUnseen: 'a git remote that is away for ten minutes',
  MainstemModelVersionsDiffer: 'a rollout that takes half an hour',
  MainstemModelVersionChanged: 'a version was rolled out an hour ago',
  MainstemDriftUnknown: 'few inputs, of which all are strange',
  MainstemRuleFailing: 'rules that once could not be evaluated',
  MainstemNotificationsFailing: 'one notification that did not arrive at first',
};

/** The series that an expression reads, through the rules that record them. */
function readBy(expression: string): Set<string> {
  const rules = new Map(
    buildRules(defaults)
      .groups.flatMap((group) => group.rules)
      .map((rule) => [String(Reflect.get(rule, 'record')), String(Reflect.get(rule, 'expr'))]),
  );
  const found = new Set<string>();
  const read = (text: string) => {
    for (const [name] of text.matchAll(/[a-zA-Z_][\w:]*/g)) {
      if (found.has(name)) continue;
      found.add(name);
      read(rules.get(name) ?? '');
    }
  };
  read(expression);
  return found;
}

describe.skipIf(spawnSync('promtool', ['--version']).status !== 0)('with', () => {
  test.each(Object.entries(scenarios))('%s, exactly these alerts fire', (_title, scenario) => {
    const { status, output } = runPromtool(scenario);
    expect(status, output).toBe(0);
  });

  test('an alert that asks for a pull request says so in a label, beside the model and version', () => {
    const { status, output } = runPromtool(
      { input: sent({ brightness: darker }), fires: ['MainstemDataDrift'] },
      [],
      [
        {
          ...{
            eval_time: '150m',
            expr: 'count by (action, model, version) (ALERTS{alertstate="firing", action!=""})',
          },
          exp_samples: [{ labels: '{action="retrain", model="pumpkins", version="v1"}', value: 1 }],
        },
      ],
    );
    expect(status, output).toBe(0);
  });

  test('an alert says what was found, with its unit, and where to read on', () => {
    const { status, output } = runPromtool(
      { input: sent({ rejected: 0.5 }), fires: ['MainstemRejectedInputs'] },
      [
        {
          ...{ eval_time: '150m', alertname: 'MainstemRejectedInputs' },
          exp_alerts: [
            {
              exp_labels: { severity: 'warning', job: serverJob, model: 'pumpkins', version: 'v1' },
              exp_annotations: {
                summary: 'More inputs cannot be read than the objective allows.',
                description: 'Model pumpkins v1: 33.33% of the inputs of 6h could not be read.',
                runbook_url: `${defaults.runbook}#mainstemrejectedinputs`,
              },
            },
          ],
        },
      ],
    );
    expect(status, output).toBe(0);
  });
});

test('every alert fires in some scenario, and has one that comes near and leaves it silent', () => {
  const fired = new Set(Object.values(scenarios).flatMap(({ fires }) => fires));
  const alerts = listAlerts(defaults);
  const names = alerts.map(({ name }) => name);
  expect([...fired, 'MainstemWatchdog'].sort()).toEqual(names.sort());
  expect([...Object.keys(nearMisses), 'MainstemWatchdog'].sort()).toEqual(names.sort());
  for (const { name, expression } of alerts) {
    const title = nearMisses[name];
    if (title === undefined) continue;
    const scenario = scenarios[title];
    expect(scenario?.fires, `${name}: ${title}`).not.toContain(name);
    const read = readBy(expression);
    const given = scenario?.input.map(({ series: one }) => /^\w+/.exec(one)?.[0] ?? '') ?? [];
    expect(given.filter((one) => read.has(one)).length, `${name}: ${title}`).toBeGreaterThan(0);
  }
});

function runPromtool(
  { input, fires, minutes = 3, steps = 50, objectives = defaults }: Scenario,
  alertTests: readonly object[] = [],
  more: readonly object[] = [],
) {
  const folder = mkdtempSync(join(tmpdir(), 'mainstem-alerts-'));
  const write = (name: string, content: object) =>
    writeFileSync(join(folder, name), JSON.stringify(content));
  const files = { 'rules.json': buildRules(objectives), 'alerts.json': buildAlerts(objectives) };
  for (const [name, content] of Object.entries(files)) write(name, content);
  const samples = [...fires, 'MainstemWatchdog'].map((name) => ({
    ...{ labels: `{alertname="${name}"}`, value: 1 },
  }));
  const firing = 'group by (alertname) (ALERTS{alertstate="firing"})';
  const time = `${minutes * steps}m`;
  write('test.json', {
    rule_files: Object.keys(files),
    // Otherwise promtool evaluates the groups in an order that differs from time to time.
    group_eval_order: Object.values(files).flatMap(({ groups }) => groups.map(({ name }) => name)),
    evaluation_interval: `${minutes}m`,
    tests: [
      {
        ...{ interval: `${minutes}m`, input_series: input, alert_rule_test: alertTests },
        promql_expr_test: [{ expr: firing, eval_time: time, exp_samples: samples }, ...more],
      },
    ],
  });
  const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', 'test.json'], {
    ...{ cwd: folder, encoding: 'utf8' },
  });
  rmSync(folder, { recursive: true });
  return { status, output: stdout + stderr };
}
