import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { parse } from 'yaml';
import { listAlerts } from '../../../monitoring/alerts/index.ts';
import { objectives } from '../../../monitoring/objectives.ts';
import { alertmanagerConfig } from '../../helpers/alerting.ts';
import { test } from '../../helpers/folder.ts';
import { alertmanagerFound, startAlertmanager, until } from '../../helpers/prometheus.ts';

const alerts = listAlerts(objectives);
const waits = { group_wait: '1s', group_interval: '1s', repeat_interval: '1h' };
const labelsOf = (name: string, model: string) => {
  const severity = alerts.find((one) => one.name === name)?.severity ?? 'none';
  return { alertname: name, severity, job: 'mainstem', model };
};

/** What fires for the pumpkins, and of the rest which alerts Alertmanager holds back. */
const cases = [
  {
    source: 'MainstemModelVersionChanged',
    held: [
      ...['MainstemDataDrift', 'MainstemAnswerDrift', 'MainstemConfidenceDrop'],
      ...['MainstemRefusalSurge', 'MainstemMissingFeature'],
    ],
    heard: ['MainstemQualityDrop', 'MainstemModelNotReady'],
  },
  {
    source: 'MainstemPromotionWorse',
    held: ['MainstemQualityDrop'],
    heard: ['MainstemDataDrift', 'MainstemSliceWorse'],
  },
  {
    source: 'MainstemAvailabilityBudgetBurn',
    held: ['MainstemAvailabilityBudgetBurnSlow'],
    heard: ['MainstemLatencyBudgetBurnSlow'],
  },
  {
    source: 'MainstemLatencyBudgetBurn',
    held: ['MainstemLatencyBudgetBurnSlow'],
    heard: ['MainstemAvailabilityBudgetBurnSlow'],
  },
  {
    source: 'MainstemServerDown',
    held: ['MainstemDataDrift', 'MainstemPointerRefused'],
    heard: ['MainstemModelNotReady'],
  },
];

describe.skipIf(!alertmanagerFound)('a real Alertmanager with the configuration of compose', () => {
  test.for(cases)(
    'while $source fires, holds back what follows from it and nothing else',
    async ({ source, held, heard }, { folder }) => {
      const config = await alertmanagerConfig(folder, 'http://127.0.0.1:9', waits);
      const alertmanager = await startAlertmanager(join(folder, 'am'), config);
      try {
        const firing = [source, ...held, ...heard].map((name) => labelsOf(name, 'pumpkins'));
        // Of another model of another job nothing is held back.
        const others = held.map((name) => ({
          ...labelsOf(name, 'gourds'),
          job: 'mainstem-staging',
        }));
        const body = JSON.stringify([...firing, ...others].map((labels) => ({ labels })));
        const headers = { 'content-type': 'application/json' };
        const address = `http://${alertmanager.target}/api/v2/alerts`;
        const answer = await fetch(address, { method: 'POST', headers, body });
        expect(answer.status, await answer.text()).toBe(200);
        const suppressed = async () => {
          const all = await alertmanager.alerts();
          const some = all.filter(({ status }) => status.state === 'suppressed');
          return some.map(({ labels }) => `${labels.model} ${labels.alertname}`).sort();
        };
        const expected = held.map((name) => `pumpkins ${name}`).sort();
        await until(async () => (await suppressed()).length >= expected.length, source);
        expect(await suppressed()).toEqual(expected);
      } finally {
        await alertmanager.stop();
      }
    },
  );

  test('has a case here for each of its rules', async ({ folder }) => {
    const config = parse(await alertmanagerConfig(folder, 'http://127.0.0.1:9', waits));
    const sources = config.inhibit_rules.map(
      (rule: { source_matchers: string[] }) => rule.source_matchers[0]?.split(' = ')[1],
    );
    expect(sources.toSorted()).toEqual(cases.map(({ source }) => source).toSorted());
  });
});
