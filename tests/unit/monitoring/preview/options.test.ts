import { describe, expect, test } from 'vitest';
import { readPreviewOptions } from '../../../../monitoring/preview/options.ts';

describe('the options of the preview', () => {
  test('are six hours of all models of the Prometheus on this machine, if nothing is said', () => {
    const { source, out } = readPreviewOptions([], 100_000);
    expect(source.prometheus.href).toBe('http://127.0.0.1:9090/');
    expect(source).toMatchObject({ model: null, from: 78_400, to: 100_000 });
    expect(out).toBe('dashboards.html');
  });

  test('name another Prometheus, one model, a time and a file', () => {
    const args = ['--prometheus', 'https://farm/prometheus', '--model', 'a b', '--minutes=5'];
    const { source, out } = readPreviewOptions([...args, '--out', 'x/y.html'], 1000);
    expect(source.prometheus.href).toBe('https://farm/prometheus');
    expect(source).toMatchObject({ model: 'a b', from: 700, to: 1000 });
    expect(out).toBe('x/y.html');
  });

  test.each([
    [['--minutes', 'soon']],
    [['--minutes', '0']],
    [['--minutes=-3']],
    [['--minutes', '1e9']],
    [['--minutes']],
    [['--prometheus', 'farm:9090']],
    [['--prometheus', 'file:///etc/passwd']],
    [['--prometheus', '']],
    [['--out', '']],
    [['--theme', 'dark']],
    [['dashboards.html']],
  ])('%j are refused with a reason', (args) => {
    expect(() => readPreviewOptions(args, 1000)).toThrow(
      expect.objectContaining({ code: 'PREVIEW_OPTION_INVALID' }),
    );
  });
});
