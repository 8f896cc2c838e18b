import { metrics, missingBin, serverJob, watchers } from '../../monitoring/metrics.ts';

/** A series as promtool's tests write it: `0+2x60` counts up by 2, sixty times. */
export interface InputSeries {
  readonly series: string;
  readonly values: string;
}

/** What a model is sent and answers, on every replica alike. Shares are of inputs. */
export interface Traffic {
  readonly steps: number;
  readonly replicas: number;
  readonly version: string;
  /** Inputs that can be read, per step and replica. */
  readonly inputs: number;
  readonly brightness: readonly number[];
  readonly missing: number;
  readonly classes: readonly number[];
  readonly refused: number;
  readonly confidence: number;
  readonly corrected: number;
  /** More inputs, which cannot be read. */
  readonly rejected: number;
  readonly failed: number;
  readonly late: number;
  /** The step at which one replica restarts. */
  readonly restart: number | null;
}

/** The shares of the reference data; ordinary traffic is the same. */
export const reference = {
  brightness: [0.2, 0.5, 0.25, 0.05],
  classes: [0.5, 0.3, 0.2],
  refused: 0.02,
  confidence: 0.94,
  accuracy: 0.95,
  samples: 1000,
};

const edges = ['64', '128', '192', '+Inf'];
const names = ['good', 'ok', 'bad'];

/** Two and a half hours of ordinary traffic on two replicas, in steps of three minutes. */
export const ordinary: Traffic = {
  ...{ steps: 50, replicas: 2, version: 'v1', inputs: 3, missing: 0, corrected: 0, rejected: 0 },
  ...{ brightness: reference.brightness, classes: reference.classes, refused: reference.refused },
  ...{ confidence: reference.confidence, failed: 0, late: 0, restart: null },
};

/** The series that the servers and Prometheus would have for such traffic. */
export function seriesOf(traffic: Traffic): InputSeries[] {
  return Array.from({ length: traffic.replicas }, (_, replica) =>
    ofReplica(traffic, replica),
  ).flat();
}

/** One series with its labels. */
export function series(
  name: string,
  labels: Readonly<Record<string, string>>,
  values: string,
): InputSeries {
  const pairs = Object.entries(labels).map(([key, text]) => `${key}=${JSON.stringify(text)}`);
  return { series: `${name}{${pairs.join(',')}}`, values };
}

function ofReplica(traffic: Traffic, replica: number): InputSeries[] {
  const { steps, restart } = traffic;
  const target = { job: serverJob, instance: `${replica}:8080` };
  const of = { ...target, model: 'pumpkins', version: traffic.version };
  const gauge = (name: string, value: number, more = {}) =>
    series(name, { ...of, ...more }, `${value}x${steps}`);
  const count = (each: number) =>
    restart !== null && replica === 0
      ? `0+${each}x${restart} 0+${each}x${steps - restart}`
      : `0+${each}x${steps}`;
  const counter = (name: string, each: number, more = {}) =>
    series(name, { ...of, ...more }, count(each));
  const { inputs, refused, missing, corrected, rejected } = traffic;
  const accepted = inputs * (1 - refused);
  return [
    series(watchers.up, target, `1x${steps}`),
    gauge(metrics.modelInfo.name, 1),
    gauge(metrics.modelReady.name, 1),
    gauge(metrics.referenceSamples.name, reference.samples),
    gauge(metrics.referenceRefused.name, reference.refused),
    gauge(metrics.referenceAccuracy.name, reference.accuracy),
    gauge(metrics.referenceConfidence.name, reference.confidence),
    ...edges.flatMap((bin, at) => [
      gauge(metrics.referenceBins.name, reference.brightness[at] ?? 0, {
        property: 'brightness',
        bin,
      }),
      counter(metrics.inputBins.name, inputs * (1 - missing) * (traffic.brightness[at] ?? 0), {
        ...{ property: 'brightness', bin },
      }),
    ]),
    counter(metrics.inputBins.name, inputs * missing, { property: 'brightness', bin: missingBin }),
    ...names.flatMap((name, at) => [
      gauge(metrics.referenceClasses.name, reference.classes[at] ?? 0, { class: name }),
      ...[accepted, inputs * refused].map((each, refusal) =>
        counter(metrics.predictions.name, each * (traffic.classes[at] ?? 0), {
          ...{ class: name, accepted: String(refusal === 0) },
        }),
      ),
    ]),
    counter(metrics.refused.name, inputs * refused, { reason: 'out-of-distribution' }),
    counter(`${metrics.confidence.name}_sum`, accepted * traffic.confidence),
    counter(`${metrics.confidence.name}_count`, accepted),
    counter(metrics.feedback.name, inputs * corrected, {
      predicted: 'good',
      label: 'bad',
      correct: 'false',
    }),
    counter(metrics.rejected.name, inputs * rejected, { reason: 'unreadable' }),
    ...requestsOf(traffic, target, count),
  ];
}

function requestsOf(
  { inputs, rejected, failed, late }: Traffic,
  target: Readonly<Record<string, string>>,
  count: (each: number) => string,
): InputSeries[] {
  const of = { ...target, method: 'POST', route: '/predict' };
  const { name } = metrics.requestDuration;
  const sent = inputs * (1 + rejected);
  return [
    series(metrics.requests.name, { ...of, code: '200' }, count(sent * (1 - failed))),
    ...(failed > 0
      ? [series(metrics.requests.name, { ...of, code: '500' }, count(sent * failed))]
      : []),
    series(`${name}_bucket`, { ...of, le: '1' }, count(sent * (1 - late))),
    series(`${name}_bucket`, { ...of, le: '+Inf' }, count(sent)),
    series(`${name}_count`, of, count(sent)),
  ];
}
