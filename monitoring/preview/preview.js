// Draws the panels of the preview in the page itself. It connects to nothing, and stands in the page after Chart.js, which leaves
// `Chart` behind.
// @ts-check

/**
 * @typedef {import('./read-dashboards.ts').Line} Line
 * @typedef {{ unit: string, lines: readonly Line[] }} Panel
 */

(() => {
  /** @type {typeof import('chart.js').Chart} */
  const Chart = Reflect.get(globalThis, 'Chart');
  const most = 4;
  const digits = (/** @type {number} */ value) => String(Number(value.toPrecision(3)));

  /**
   * The largest unit of a list that leaves at least one of it.
   *
   * @param {number} value
   * @param {readonly (readonly [number, string])[]} units the largest first
   */
  function scaled(value, units) {
    const size = Math.abs(value);
    const [factor, name] = units.find(([least]) => size >= least) ?? units.at(-1) ?? [1, ''];
    return value === 0 ? '0' : `${digits(value / factor)} ${name}`.trim();
  }

  /** @type {readonly (readonly [number, string])[]} */
  const thousands = [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
    [1, ''],
  ];

  /** Grafana's units that the dashboards use. @type {Readonly<Record<string, (value: number) => string>>} */
  const units = {
    percentunit: (value) => `${digits(value * 100)} %`,
    reqps: (value) => `${digits(value)} req/s`,
    ops: (value) => `${digits(value)} ops/s`,
    bytes: (value) =>
      scaled(value, [
        [2 ** 30, 'GiB'],
        [2 ** 20, 'MiB'],
        [2 ** 10, 'KiB'],
        [1, 'B'],
      ]),
    s: (value) =>
      scaled(value, [
        [86_400, 'd'],
        [3600, 'h'],
        [60, 'min'],
        [1, 's'],
        [1e-3, 'ms'],
        [1e-6, 'µs'],
      ]),
  };

  /** @param {number} value @param {string} unit */
  const show = (value, unit) => (units[unit] ?? ((number) => scaled(number, thousands)))(value);

  /** @param {number} seconds */
  const clock = (seconds) =>
    new Date(seconds * 1000).toLocaleTimeString([], { timeStyle: 'medium' });

  for (const one of document.querySelectorAll('dd[data-unit] > data')) {
    const unit = one.parentElement?.dataset.unit ?? '';
    one.textContent = show(Number(one.getAttribute('value')), unit);
  }

  const { from, to } = document.querySelector('main')?.dataset ?? {};
  /** @type {Map<HTMLCanvasElement, import('chart.js').Chart>} */
  const drawn = new Map();

  /** @param {number} place @param {number} count */
  const hue = (place, count) => `hsl(${Math.round((210 + (360 * place) / count) % 360)} 60% 50%)`;

  /** @param {HTMLElement} plot */
  function draw(plot) {
    const canvas = plot.querySelector('canvas');
    if (!canvas) return;
    /** @type {Panel} */
    const { unit, lines } = JSON.parse(plot.dataset.panel ?? '{}');
    const style = getComputedStyle(document.body);
    const grid = getComputedStyle(plot.closest('figure') ?? plot).borderTopColor;
    const axis = { ticks: { color: style.color, maxTicksLimit: 6 }, grid: { color: grid } };
    drawn.get(canvas)?.destroy();
    const chart = new Chart(canvas, {
      type: 'line',
      data: {
        datasets: lines.map(({ name, points }, place) => ({
          label: name,
          data: points.map(([x, y]) => ({ x, y })),
          borderColor: hue(place, lines.length),
          backgroundColor: hue(place, lines.length),
          borderWidth: 1.5,
          pointRadius: points.length < most ? 2 : 0,
        })),
      },
      options: {
        animation: false,
        maintainAspectRatio: false,
        interaction: { mode: 'nearest', axis: 'x', intersect: false },
        plugins: {
          legend: {
            position: 'bottom',
            labels: { color: style.color, boxHeight: 2, boxWidth: 14 },
          },
          tooltip: {
            callbacks: {
              title: (items) => clock(items[0]?.parsed.x ?? 0),
              label: ({ dataset, parsed }) => `${dataset.label}: ${show(parsed.y ?? 0, unit)}`,
            },
          },
        },
        scales: {
          x: {
            ...axis,
            type: 'linear',
            min: Number(from),
            max: Number(to),
            ticks: { ...axis.ticks, maxRotation: 0, callback: (value) => clock(Number(value)) },
          },
          y: { ...axis, ticks: { ...axis.ticks, callback: (value) => show(Number(value), unit) } },
        },
      },
    });
    drawn.set(canvas, chart);
  }

  const drawAll = () => {
    for (const plot of document.querySelectorAll('.plot'))
      if (plot instanceof HTMLElement) draw(plot);
  };
  drawAll();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
})();
