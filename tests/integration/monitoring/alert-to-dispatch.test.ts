import { join } from 'node:path';
import { expect } from 'vitest';
import { bridgeMetrics, metrics, missingBin } from '../../../monitoring/metrics.ts';
import { alertmanagerConfig, rulesWaiting } from '../../helpers/alerting.ts';
import { bridgeConfig, buildTestBridge, startDispatchedGitHub } from '../../helpers/bridge.ts';
import { type Sample, startExporter } from '../../helpers/exporter.ts';
import { test } from '../../helpers/folder.ts';
import {
  alertmanagerFound,
  prometheusFound,
  startAlertmanager,
  startPrometheus,
  until,
} from '../../helpers/prometheus.ts';

const version = '0123456789ab';

test.skipIf(!prometheusFound || !alertmanagerFound)(
  'photos that drift make Prometheus fire, Alertmanager notify, and the bridge ask for one retraining',
  async ({ folder }) => {
    const github = await startDispatchedGitHub(folder);
    const bridge = await buildTestBridge(bridgeConfig(folder, github));
    const url = await bridge.app.listen({ host: '127.0.0.1', port: 0 });
    const waits = { group_wait: '1s', group_interval: '1s', repeat_interval: '2s' };
    const config = await alertmanagerConfig(folder, url, waits);
    const alertmanager = await startAlertmanager(join(folder, 'am'), config);
    const exporter = await startExporter();
    exporter.show(samplesOf(0, [1, 1, 1]));
    const rules = rulesWaiting(() => '1s');
    const target = [exporter.target, new URL(url).host];
    const { target: notified } = alertmanager;
    const prometheus = await startPrometheus(join(folder, 'p'), target, rules, notified);
    try {
      await prometheus.scraped(3);
      // As the reference: nothing is asked for.
      exporter.show(samplesOf(400, [0.2, 0.5, 0.3]));
      await prometheus.scraped(8);
      expect(github.dispatched).toEqual([]);
      exporter.show(samplesOf(4000, [0.7, 0.2, 0.1]));
      await until(() => github.dispatched.length > 0);
      // Alertmanager repeats the notification every few seconds.
      const { name } = bridgeMetrics.alerts;
      const answered = `${name}{outcome="answered"}`;
      await until(async () => Number((await prometheus.query(answered))[0]?.value[1] ?? 0) >= 2);
      const [first, ...more] = github.dispatched;
      expect(more).toEqual([]);
      expect(first?.action).toBe('retrain');
      expect(first?.payload.client_payload).toMatchObject({
        ...{ project: 'pumpkins', alert: 'MainstemDataDrift' },
        reason: expect.stringMatching(/brightness: the stability index over 6h is [01]\.\d+/),
      });
      expect(github.forge.violations).toEqual([]);
    } finally {
      await prometheus.stop();
      await alertmanager.stop();
      await exporter.stop();
      await bridge.close();
      await github.close();
    }
  },
);

function samplesOf(inputs: number, shares: readonly number[]): Sample[] {
  const sample = (name: string, value: number, labels: Record<string, string> = {}) => ({
    ...{ name, value, labels: { model: 'pumpkins', version, ...labels } },
  });
  const bins = ['64', '128', '+Inf'];
  const expected = [0.2, 0.5, 0.3];
  return [
    sample(metrics.modelInfo.name, 1),
    sample(metrics.modelReady.name, 1),
    sample(metrics.referenceSamples.name, 1000),
    sample(metrics.referenceRefused.name, 0.02),
    ...bins.flatMap((bin, at) => [
      sample(metrics.referenceBins.name, expected[at] ?? 0, { property: 'brightness', bin }),
      sample(metrics.inputBins.name, Math.round(inputs * (shares[at] ?? 0)), {
        ...{ property: 'brightness', bin },
      }),
    ]),
    sample(metrics.inputBins.name, 0, { property: 'brightness', bin: missingBin }),
  ];
}
