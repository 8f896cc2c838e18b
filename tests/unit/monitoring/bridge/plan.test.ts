import { describe, expect, test } from 'vitest';
import type { Memory } from '../../../../monitoring/bridge/memory.ts';
import { planDispatches } from '../../../../monitoring/bridge/plan.ts';
import { drift, notificationOf, type TestAlert, worse } from '../../../helpers/bridge.ts';

const hour = 3_600_000;
const now = Date.parse('2026-11-26T12:00:00Z');
const empty: Memory = { version: 1, answered: {}, sent: {}, waiting: [] };
const limits = { coolDown: 24 * hour, projects: [] as string[] };

function plan(alerts: readonly TestAlert[], memory = empty, projects: readonly string[] = []) {
  const notification = notificationOf(...alerts);
  const read = { ...notification, version: '4' as const } as Parameters<typeof planDispatches>[0];
  return planDispatches(read, memory, { ...limits, projects }, now);
}
const outcomes = (alerts: readonly TestAlert[], memory?: Memory, projects?: readonly string[]) =>
  plan(alerts, memory, projects).outcomes.map(({ outcome }) => outcome);

describe('an alert that fires', () => {
  test('asks for what its labels say', () => {
    const { asks } = plan([{}, { labels: worse, fingerprint: 'abc' }]);
    expect(asks).toMatchObject([
      { action: 'retrain', project: 'pumpkins', alert: 'MainstemDataDrift' },
      { action: 'revert', project: 'pumpkins', version: '0123456789ab' },
    ]);
    expect(asks[0]?.fingerprint).toMatch(/^[0-9a-f]{32}$/);
    expect(asks[0]?.reason).toContain('0.41');
  });

  test('asks once for a project, however many of its properties drift', () => {
    const { asks } = plan([{}, { fingerprint: 'aa' }, { fingerprint: 'bb' }]);
    expect(asks).toHaveLength(1);
    expect(asks[0]?.firings).toHaveLength(3);
  });

  test('asks for each project by itself', () => {
    const gourds = { ...drift, model: 'gourds' };
    const { asks } = plan([{}, { labels: gourds, fingerprint: 'aa' }]);
    expect(asks.map(({ project }) => project)).toEqual(['pumpkins', 'gourds']);
  });

  test('is another firing when it begins again', () => {
    const [first] = plan([{}]).asks;
    const [again] = plan([{ startsAt: '2026-11-26T11:00:00Z' }]).asks;
    expect(again?.fingerprint).not.toBe(first?.fingerprint);
  });
});

test('a resolved alert asks for nothing', () => {
  expect(plan([{ status: 'resolved' }])).toMatchObject({ asks: [], seen: [] });
  expect(outcomes([{ status: 'resolved' }, {}])).toEqual(['resolved', 'queued']);
});

test('a firing that was answered asks for nothing more, and is remembered for longer', () => {
  const [ask] = plan([{}]).asks;
  const memory = { ...empty, answered: { [ask?.fingerprint ?? '']: 0 } };
  expect(plan([{}], memory)).toMatchObject({ asks: [], seen: [ask?.fingerprint] });
  expect(outcomes([{}], memory)).toEqual(['answered']);
});

test('one within the cool-down asks for nothing, and is heard when it is repeated after it', () => {
  const at = (hours: number) => ({ ...empty, sent: { 'retrain/pumpkins': now - hours * hour } });
  expect(outcomes([{}], at(23))).toEqual(['cooling-down']);
  expect(plan([{}], at(23)).seen).toEqual([]);
  expect(outcomes([{}], at(24))).toEqual(['queued']);
  expect(outcomes([{ labels: worse }], at(1))).toEqual(['queued']);
  expect(outcomes([{ labels: { ...drift, model: 'gourds' } }], at(1))).toEqual(['queued']);
});

test('one of whose kind a dispatch waits asks for nothing', () => {
  const waiting = [...plan([{ fingerprint: 'ee' }]).asks];
  expect(outcomes([{}, { labels: worse }], { ...empty, waiting })).toEqual(['waiting', 'queued']);
});

test.each<[string, Record<string, string>]>([
  ['asks for nothing', { ...drift, action: '' }],
  ['asks for something else', { ...drift, action: 'delete' }],
  ['asks for what objects inherit', { ...drift, action: 'constructor' }],
  ['names no project', { alertname: 'MainstemServerDown', action: 'retrain' }],
  ['names a path in the place of a project', { ...drift, model: '../pumpkins' }],
  ['names a project that is not one of the bridge’s', { ...drift, model: 'gourds' }],
  ['asks for a revert of no promotion', { ...worse, version: '' }],
  ['asks for a revert of something that is not a version', { ...worse, version: 'main' }],
])('an alert that %s is ignored', (_title, labels) => {
  expect(plan([{ labels }], empty, ['pumpkins'])).toMatchObject({
    ...{ asks: [], outcomes: [{ action: '', outcome: 'ignored' }] },
  });
});
