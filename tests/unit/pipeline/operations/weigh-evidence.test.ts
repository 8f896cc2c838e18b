import { describe, expect, test } from 'vitest';
import { answerProperty } from '../../../../monitoring/index.ts';
import type { DriftState } from '../../../../pipeline/compare-with-profile.ts';
import type { LogReport } from '../../../../pipeline/operations/drift/measure-log.ts';
import { type Evidence, weighEvidence } from '../../../../pipeline/operations/weigh-evidence.ts';
import { buildProject } from '../../../helpers/project.ts';

const policy = buildProject('/farm').definition.retraining;

function logOf(
  states: Partial<Record<'brightness' | 'answer' | 'refused' | 'quality', DriftState>>,
): LogReport {
  const property = (name: string, state: DriftState = 'ok') => {
    const numbers = { inputs: 400, missing: 0, index: 0.41, noise: 0.08, distance: 0.3 };
    return { property: name, ...numbers, state };
  };
  const share = (state: DriftState = 'ok') => {
    return { hits: 300, count: 400, low: 0.7, limit: 0.07, state };
  };
  const found = Object.values(states);
  return {
    ...{ project: 'pumpkins', run: '0123456789ab', answers: 400, otherRuns: {}, unmeasured: 0 },
    ...{ since: '2026-11-26T06:00:00.000Z', until: '2026-11-26T12:00:00.000Z', fewestInputs: 100 },
    state: found.includes('drift') ? 'drift' : (found[0] ?? 'ok'),
    log: {
      ...{ lines: 400, damaged: 0, unfinished: 0, begins: '2026-11-01', startsEarlier: false },
      ...{ emptyDays: [], goneSegments: 0 },
    },
    damagedFeedback: 0,
    slices: [],
    properties: [
      property('brightness', states.brightness),
      property(answerProperty, states.answer),
    ],
    ...{ refused: share(states.refused), quality: share(states.quality), accuracy: null },
    confidence: { mean: 0.9, expected: 0.94, noise: 0.02, state: 'ok' },
  };
}

/** The same of which only so many inputs were refused. */
const refusing = (log: LogReport, hits: number): LogReport => {
  return { ...log, refused: { ...log.refused, hits } };
};

const evidence = (more: Partial<Evidence>): Evidence => {
  return { log: null, labels: null, collects: true, ...more };
};

describe('the policy', () => {
  test.each([
    ['nothing is known', 'alert', evidence({}), true, 'Nothing speaks against it'],
    ['nothing is known', 'schedule', evidence({}), true, 'Nothing speaks against it'],
    [
      ...(['inputs drift', 'alert', evidence({ log: logOf({ brightness: 'drift' }) })] as const),
      ...([true, 'Over 400 answers there is drift of brightness (index 0.41).'] as const),
    ],
    [
      ...(['the log is as the reference', 'alert', evidence({ log: logOf({}) })] as const),
      ...([false, 'does not bear the alert out: 400 answers since 2026-11-26T06:00'] as const),
    ],
    [
      ...([
        'the log is too short',
        'alert',
        evidence({ log: logOf({ answer: 'insufficient' }) }),
      ] as const),
      ...([true, 'Nothing speaks against it'] as const),
    ],
    [
      'the log is as the reference',
      'schedule',
      evidence({ log: logOf({}) }),
      true,
      'Nothing speaks',
    ],
    [
      'most inputs are unlike the training data',
      'alert',
      evidence({ log: logOf({ refused: 'drift', brightness: 'drift' }) }),
      ...([false, 'Of 400 inputs 75.0 % are unlike the training data and were refused'] as const),
    ],
    [
      'most inputs are refused, and what is accepted is answered otherwise',
      'alert',
      evidence({ log: logOf({ refused: 'drift', answer: 'drift' }) }),
      ...([true, 'drift of (answer)'] as const),
    ],
    [
      'most inputs are refused, and people labelled enough',
      'alert',
      evidence({ log: logOf({ refused: 'drift' }), labels: 20 }),
      ...([true, '20 things were labelled since the model was made (20 are a reason)'] as const),
    ],
    [
      'answers are wrong',
      'alert',
      evidence({ log: logOf({ quality: 'drift' }) }),
      ...([true, 'at least 70.0 % of the answers said to be wrong'] as const),
    ],
    [
      ...([
        'of a new kind of input some are refused',
        'alert',
        evidence({ log: refusing(logOf({ brightness: 'drift', refused: 'drift' }), 40) }),
      ] as const),
      ...([true, 'drift of brightness'] as const),
    ],
    [
      ...([
        'what is refused explains what drifts',
        'alert',
        evidence({ log: refusing(logOf({ brightness: 'drift', refused: 'drift' }), 80) }),
      ] as const),
      ...([
        false,
        'unlike the training data and were refused, which explains all that drifts',
      ] as const),
    ],
    [
      'inputs drift and there is nothing to learn from',
      'alert',
      evidence({ log: logOf({ brightness: 'drift' }), labels: 19, collects: false }),
      ...([false, 'nothing to learn from: it has no "collect", and 19 of 20 labels'] as const),
    ],
    [
      'inputs drift and people labelled enough',
      'alert',
      evidence({ log: logOf({ brightness: 'drift' }), labels: 34, collects: false }),
      ...([true, 'drift of brightness (index 0.41). 34 things were labelled'] as const),
    ],
    [
      ...([
        'a project learns from people only',
        'schedule',
        evidence({ labels: 3, collects: false }),
      ] as const),
      ...([false, 'and 3 of 20 labels'] as const),
    ],
  ] as const)('where %s, after cause "%s"', (_, cause, found, start, reason) => {
    const weighed = weighEvidence(cause, found, policy);
    expect(weighed.start).toBe(start);
    expect(weighed.reason).toContain(reason);
  });

  test('obeys a person, whatever is known', () => {
    const flood = evidence({ log: logOf({ refused: 'drift' }), collects: false });
    expect(weighEvidence('person', flood, policy)).toEqual({ start: true, reason: '' });
  });

  test('has defaults, which a project may change, and refuses what is no policy', () => {
    expect(policy).toEqual({
      ...{ window: '90d', replay: 0.5, newLabels: 20, coolDown: '24h', budget: 8 },
    });
    const changed = buildProject('/farm', { retraining: { newLabels: 5 } }).definition.retraining;
    expect(changed).toEqual({ ...policy, newLabels: 5 });
    for (const retraining of [{ window: '3 weeks' }, { replay: 0 }, { newLabels: 0 }]) {
      expect(() => buildProject('/farm', { retraining })).toThrow('retraining');
    }
  });
});
