import { assert, property, string } from 'fast-check';
import { Default } from 'typebox/value';
import { describe, expect, test } from 'vitest';
import {
  buildJob,
  jobName,
  nameLabel,
  type Site,
  stageTask,
  trialTask,
} from '../../../../pipeline/cluster/index.ts';
import { JobSettings } from '../../../../pipeline/cluster/settings.ts';
import { valuesArgument } from '../../../../pipeline/cluster/task.ts';

const settings = Default(JobSettings, {}) as JobSettings;
const siteOf = (name: string, changed: Partial<Site> = {}): Site => ({
  ...{ project: { name, limits: {} }, image: 'farm:1', remote: 's3://farm', commit: 'c0ffee' },
  ...{ backend: 'wasm', recipe: null, settings },
  ...changed,
});

describe('names of Jobs', () => {
  test('are DNS labels for any name of a project', () => {
    assert(
      property(string({ unit: 'binary' }), (name) => {
        const site = siteOf(name);
        expect(jobName(site, stageTask(site))).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
        expect(nameLabel(name, 63)).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
      }),
    );
  });

  test('are equal for equal work, and others for other values, images or remotes', () => {
    const site = siteOf('Kürbisse & Co');
    const name = jobName(site, trialTask(site, { epochs: 3 }, false));
    expect(name).toMatch(/^mainstem-k-rbisse-co-[0-9a-f]{12}$/);
    expect(jobName(site, trialTask(site, { epochs: 3 }, false))).toBe(name);
    expect(jobName(site, trialTask(site, { epochs: 4 }, false))).not.toBe(name);
    const others = [
      siteOf('Kürbisse & Co', { image: 'farm:2' }),
      siteOf('Kürbisse & Co', { remote: 's3://b' }),
    ];
    for (const other of others)
      expect(jobName(other, trialTask(other, { epochs: 3 }, false))).not.toBe(name);
  });
});

describe('values of a trial', () => {
  test('hold nothing that Argo, Kubeflow or Kubernetes would replace, and are read as they were', () => {
    assert(
      property(string({ unit: 'binary' }), string({ unit: 'binary' }), (key, value) => {
        const values = { [`x${key}`]: `{{${value}$(HOME)`, nested: [{ a: { b: value } }] };
        const text = valuesArgument(values);
        expect(text).not.toContain('{{');
        expect(text).not.toContain('$(');
        expect(JSON.parse(text)).toEqual(values);
      }),
    );
  });
});

describe('a Job', () => {
  test('doubles the dollar of what Kubernetes would take for a variable', () => {
    const [container] = buildJob(siteOf('$(HOME)'), stageTask(siteOf('$(HOME)'))).spec.template.spec
      .containers;
    expect(container?.args[1]).toBe('$$(HOME)');
  });

  test('takes memory and time from the project’s limits, unless the settings say otherwise', () => {
    const limits = { memoryMb: 1000, minutes: 10 };
    const site = siteOf('farm', { project: { name: 'farm', limits } });
    const { spec } = buildJob(site, stageTask(site));
    expect(spec.activeDeadlineSeconds).toBe(80 * 60);
    expect(spec.template.spec.containers[0]?.resources.limits).toEqual({
      cpu: '2',
      memory: '1250M',
    });
    const said = { ...site, settings: { ...settings, memory: '3Gi', minutes: 5 } };
    expect(buildJob(said, stageTask(said)).spec.activeDeadlineSeconds).toBe(300);
    expect(
      buildJob(said, stageTask(said)).spec.template.spec.containers[0]?.resources.limits.memory,
    ).toBe('3Gi');
  });
});
