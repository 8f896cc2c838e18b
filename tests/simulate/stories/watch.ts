import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Bridge } from '../../../monitoring/bridge/app.ts';
import { bridgeMetrics, metrics, watchers } from '../../../monitoring/metrics.ts';
import { recorded } from '../../../monitoring/rules/recorded.ts';
import { alertmanagerConfig, inSeconds, rulesWaiting } from '../../helpers/alerting.ts';
import { bridgeConfig, buildTestBridge } from '../../helpers/bridge.ts';
import {
  type Alertmanager,
  type Prometheus,
  startAlertmanager,
  startPrometheus,
  until,
} from '../../helpers/prometheus.ts';
import type { ServingMachine } from './server.ts';
import type { Story } from './story.ts';

/** A real Prometheus, Alertmanager and bridge beside the server of a story. */
export interface Watch {
  readonly prometheus: Prometheus;
  readonly alertmanager: Alertmanager;
  readonly bridge: Bridge;
  /** Waits until a version serves and its counters were seen before anything is counted. */
  serving(version: string): Promise<void>;
  /**
   * Waits until Prometheus has so many inputs of a version and its alerts have been asked about them, and returns the verdict of each
   * property.
   */
  verdicts(version: string, inputs: number): Promise<Readonly<Record<string, number>>>;
  /** Names of the alerts that Prometheus fires, or has begun to wait with, and that ask for something. */
  asking(): Promise<string[]>;
  /** How many alerts the bridge was told of, whatever became of them. */
  heard(): Promise<number>;
}

/** Starts them all; they end with the story. Alertmanager's waits and those of alerts are sixty times as short as they are shipped. */
export async function watchMachine(story: Story, { url }: ServingMachine): Promise<Watch> {
  const folder = join(story.folder, 'watch');
  mkdirSync(folder);
  const config = { ...connectedTo(story), stateFile: join(folder, 'bridge.json') };
  const bridge = await buildTestBridge(config);
  const bridgeUrl = await bridge.app.listen({ host: '127.0.0.1', port: 0 });
  const waits = { group_wait: '500ms', group_interval: '5s', repeat_interval: '4m' };
  const alerting = await alertmanagerConfig(folder, bridgeUrl, waits);
  const alertmanager = await startAlertmanager(join(folder, 'alertmanager'), alerting);
  const targets = [url, bridgeUrl].map((one) => new URL(one).host);
  const rules = rulesWaiting(inSeconds);
  const data = join(folder, 'prometheus');
  const prometheus = await startPrometheus(data, targets, rules, alertmanager.target);
  story.onClose(async () => {
    await prometheus.stop();
    await alertmanager.stop();
    await bridge.close();
  });
  await prometheus.scraped(1);
  return { prometheus, alertmanager, bridge, ...questions(prometheus) };
}

function connectedTo({ folder, forge, token }: Story) {
  return bridgeConfig(folder, { url: forge.url, token });
}

function questions({
  query,
  scrapedMore,
}: Prometheus): Omit<Watch, 'prometheus' | 'alertmanager' | 'bridge'> {
  const first = async (expression: string) => Number((await query(expression))[0]?.value[1] ?? 0);
  return {
    serving: (version) =>
      until(
        async () =>
          (await first(`count_over_time(${metrics.modelInfo.name}{version="${version}"}[5m])`)) >=
          3,
        `scrapes of ${version}`,
      ),
    verdicts: async (version, inputs) => {
      const of = `{version="${version}"}`;
      await until(
        // Increases are extrapolated, and so not whole.
        async () =>
          (await first(
            `min(${recorded.inputs.name}{version="${version}",property="brightness"})`,
          )) >
          inputs - 1,
        `${inputs} inputs of ${version}`,
      );
      // Alerts are a group of rules of their own, evaluated within a second of the group that has the verdicts.
      await scrapedMore(2);
      const states = await query(`${recorded.driftState.name}${of}`);
      return Object.fromEntries(
        states.map(({ metric, value }) => [metric.property ?? '', Number(value[1])]),
      );
    },
    asking: async () =>
      (await query(`${watchers.alerts}{action!=""}`)).map(({ metric }) => metric.alertname ?? ''),
    heard: () => first(`sum(${bridgeMetrics.alerts.name})`),
  };
}
