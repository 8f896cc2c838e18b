// Draws the figures of a report in the page itself. It reads the page, connects to nothing, and stands in the page after
// Chart.js, which leaves `Chart` behind. Without it the page still has every table.
// @ts-check

/**
 * @typedef {import('../../section.ts').Chart} Lines
 * @typedef {import('../../section.ts').Drawing} Drawing
 * @typedef {import('../../section.ts').Measured} Measured
 * @typedef {import('chart.js').ChartConfiguration} Configuration
 * @typedef {import('chart.js').Plugin} Plugin
 * @typedef {{ ink: string, faint: string, line: string, colours: string[] }} Theme
 */

(() => {
  /** @type {typeof import('chart.js').Chart} */
  const Chart = Reflect.get(globalThis, 'Chart');
  /** @type {Map<HTMLElement, import('chart.js').Chart>} */
  const drawn = new Map();
  const percent = (/** @type {number} */ share) => `${(share * 100).toFixed(1)} %`;
  const inPoints = (/** @type {number} */ share) => `${(share * 100).toFixed(1)} pp`;
  const digits = (/** @type {number} */ value) => String(Number(value.toPrecision(4)));

  /** The colours that the page has now. @returns {Theme} */
  function readTheme() {
    const probe = document.createElement('span');
    document.body.append(probe);
    const colour = (/** @type {string} */ name) => {
      probe.style.color = `var(--${name})`;
      return getComputedStyle(probe).color;
    };
    const theme = {
      ...{ ink: colour('ink'), faint: colour('faint'), line: colour('line') },
      colours: [colour('blue'), colour('orange')],
    };
    probe.remove();
    return theme;
  }

  /**
   * Lines from the low to the high end of each point's interval, behind the points.
   *
   * @param {readonly (readonly (Measured | null)[])[]} series
   * @param {'x' | 'y'} axis along which the intervals lie
   * @returns {Plugin}
   */
  function whiskers(series, axis) {
    return {
      id: 'whiskers',
      beforeDatasetsDraw(chart) {
        const { ctx, scales } = chart;
        series.forEach((points, place) => {
          const meta = chart.getDatasetMeta(place);
          if (meta.hidden) return;
          ctx.strokeStyle = String(chart.data.datasets[place]?.borderColor);
          ctx.lineWidth = 2;
          points.forEach((point, index) => {
            const spot = meta.data[index];
            if (!spot) return;
            // Two intervals on one line would hide each other.
            if (axis === 'x') {
              const shift = (place - (series.length - 1) / 2) * 8;
              spot.y = (scales.y?.getPixelForValue(index) ?? spot.y) + shift;
            }
            if (point?.low === undefined || point.high === undefined) return;
            const ends = [point.low, point.high].map((end) => scales[axis]?.getPixelForValue(end));
            ctx.beginPath();
            for (const end of ends) {
              if (end === undefined) continue;
              if (axis === 'x') ctx.lineTo(end, spot.y);
              else ctx.lineTo(spot.x, end);
            }
            ctx.stroke();
          });
        });
      },
    };
  }

  /** @param {Theme} theme @param {string} title @returns {NonNullable<Configuration['options']>} */
  function commonOptions(theme, title) {
    return {
      animation: false,
      maintainAspectRatio: false,
      devicePixelRatio: Math.max(2, devicePixelRatio),
      plugins: {
        title: { display: true, text: title, color: theme.ink },
        legend: { labels: { color: theme.ink, boxHeight: 7, usePointStyle: true } },
      },
    };
  }

  /** @param {Theme} theme @param {string} text */
  const axis = (theme, text = '') => ({
    title: { display: text !== '', text, color: theme.faint },
    ticks: { color: theme.faint },
    grid: { color: theme.line },
  });

  /** @param {Lines} chart @param {Theme} theme @returns {Configuration} */
  function linesOf({ title, step, from, to, series }, theme) {
    const steps = series[0]?.values.length ?? 0;
    const at = (/** @type {number} */ index) =>
      Math.round(from + ((to - from) * index) / Math.max(1, steps - 1));
    return {
      type: 'line',
      data: {
        labels: Array.from({ length: steps }, (_, index) => at(index)),
        datasets: series.map(({ name, values }, place) => ({
          label: name,
          data: [...values],
          borderColor: theme.colours[place] ?? theme.ink,
          backgroundColor: theme.colours[place] ?? theme.ink,
          borderWidth: 2,
          pointRadius: steps > 20 ? 0 : 2,
        })),
      },
      options: {
        ...commonOptions(theme, title),
        interaction: { mode: 'index', intersect: false },
        scales: { x: axis(theme, step), y: axis(theme) },
      },
    };
  }

  /** @param {Extract<Drawing, { kind: 'intervals' }>} drawing @param {Theme} theme @returns {Configuration} */
  function intervalsOf({ title, unit, names, series }, theme) {
    const text = { share: percent, points: inPoints, number: digits }[unit];
    const points = series.map((one) => one.points);
    return {
      type: 'line',
      data: {
        labels: [...names],
        datasets: series.map(({ name, points: found }, place) => ({
          label: name,
          data: found.map((point) => point?.value ?? null),
          borderColor: theme.colours[place] ?? theme.ink,
          backgroundColor: theme.colours[place] ?? theme.ink,
          showLine: false,
          pointRadius: 4 - place,
        })),
      },
      options: {
        ...commonOptions(theme, title),
        indexAxis: 'y',
        interaction: { mode: 'nearest', axis: 'y', intersect: false },
        scales: {
          x: { ...axis(theme), ...rangeOf(points.flat(), unit), ticks: ticksOf(theme, text) },
          y: { ...axis(theme), offset: true, ticks: { color: theme.faint, autoSkip: false } },
        },
        plugins: {
          ...commonOptions(theme, title).plugins,
          tooltip: {
            callbacks: {
              label: ({ dataset, datasetIndex, dataIndex }) =>
                `${dataset.label}: ${sayInterval(points[datasetIndex]?.[dataIndex], text)}`,
            },
          },
        },
      },
      plugins: [whiskers(points, 'x')],
    };
  }

  /** @param {Theme} theme @param {(value: number) => string} text */
  const ticksOf = (theme, text) => ({
    color: theme.faint,
    callback: (/** @type {string | number} */ value) => text(Number(value)).replace('.0 %', ' %'),
  });

  /** The ends of all intervals fit in. @param {readonly (Measured | null)[]} points @param {string} unit */
  function rangeOf(points, unit) {
    const ends = points.flatMap((point) =>
      point ? [point.value, point.low ?? point.value, point.high ?? point.value] : [],
    );
    const room = (Math.max(...ends) - Math.min(...ends)) * 0.05;
    const low = Math.min(...ends) - room;
    const high = Math.max(...ends) + room;
    return unit === 'share'
      ? { min: Math.max(0, low), max: Math.min(1, high) }
      : { min: low, max: high };
  }

  /** @param {Measured | null | undefined} point @param {(value: number) => string} text */
  function sayInterval(point, text) {
    if (!point) return '–';
    if (point.low === undefined || point.high === undefined) return text(point.value);
    return `${text(point.value)} (95 %: ${text(point.low)} … ${text(point.high)})`;
  }

  /** @param {Extract<Drawing, { kind: 'reliability' }>} drawing @param {Theme} theme @returns {Configuration} */
  function reliabilityOf({ title, points }, theme) {
    const [colour = theme.ink] = theme.colours;
    const share = { min: 0, max: 1 };
    return {
      type: 'scatter',
      data: {
        datasets: [
          {
            label: 'found, with its 95 % interval',
            data: points.map(({ at, value }) => ({ x: at, y: value })),
            borderColor: colour,
            backgroundColor: colour,
            pointRadius: 5,
          },
          {
            label: 'perfect',
            data: [
              { x: 0, y: 0 },
              { x: 1, y: 1 },
            ],
            borderColor: theme.faint,
            backgroundColor: theme.faint,
            borderDash: [5, 5],
            borderWidth: 1,
            showLine: true,
            pointStyle: 'line',
            pointRadius: 0,
          },
        ],
      },
      options: {
        ...commonOptions(theme, title),
        scales: {
          x: { ...axis(theme, 'claimed'), ...share, ticks: ticksOf(theme, percent) },
          y: { ...axis(theme, 'right'), ...share, ticks: ticksOf(theme, percent) },
        },
        plugins: {
          ...commonOptions(theme, title).plugins,
          tooltip: {
            filter: ({ datasetIndex }) => datasetIndex === 0,
            callbacks: {
              label: ({ dataIndex }) => {
                const point = points[dataIndex];
                if (!point) return '';
                const found = sayInterval(point, percent);
                return `claimed ${percent(point.at)}, right ${found}, ${point.count} examples`;
              },
            },
          },
        },
      },
      plugins: [whiskers([points], 'y')],
    };
  }

  /**
   * A line for each trial through all axes. The best and today's parameters are named, the others paler the worse they are.
   *
   * @param {Extract<Drawing, { kind: 'parallel' }>} drawing @param {Theme} theme @returns {Configuration}
   */
  function parallelOf({ title, axes, lines }, theme) {
    const [blue = theme.ink, orange = theme.ink] = theme.colours;
    const colours = { best: orange, today: theme.ink, other: blue };
    const faded = (/** @type {string} */ colour, /** @type {number} */ strength) =>
      `color-mix(in srgb, ${colour} ${Math.round(15 + 60 * strength)}%, transparent)`;
    const ends = (/** @type {(typeof axes)[number]} */ { name, low, high }) =>
      low === high ? [name, low] : [name, `${low} … ${high}`];
    return {
      type: 'line',
      data: {
        labels: axes.map(ends),
        datasets: lines.map(({ name, role, strength, positions }) => {
          const colour = role === 'other' ? faded(colours.other, strength) : colours[role];
          return {
            label: name,
            data: [...positions],
            borderColor: colour,
            backgroundColor: colour,
            borderWidth: role === 'other' ? 1.5 : 3,
            borderDash: role === 'today' ? [6, 4] : [],
            pointRadius: role === 'other' ? 2 : 4,
            // What is drawn last lies on top.
            order: { best: 0, today: 1, other: 2 }[role],
          };
        }),
      },
      options: {
        ...commonOptions(theme, title),
        interaction: { mode: 'nearest', intersect: false },
        scales: {
          x: { ...axis(theme), ticks: { color: theme.ink, autoSkip: false } },
          y: { ...axis(theme), min: -0.03, max: 1.03, display: false },
        },
        plugins: {
          ...commonOptions(theme, title).plugins,
          legend: {
            labels: {
              ...{ color: theme.ink, boxHeight: 7, usePointStyle: true },
              filter: ({ datasetIndex = 0 }) => lines[datasetIndex]?.role !== 'other',
            },
          },
          tooltip: {
            callbacks: {
              title: ([item]) => `trial ${lines[item?.datasetIndex ?? 0]?.name ?? ''}`,
              label: ({ datasetIndex, dataIndex }) =>
                `${axes[dataIndex]?.name}: ${lines[datasetIndex]?.texts[dataIndex]}`,
            },
          },
        },
      },
    };
  }

  /** @param {Lines | Drawing} figure @param {Theme} theme @returns {Configuration} */
  function configurationOf(figure, theme) {
    switch (figure.kind) {
      case 'chart':
        return linesOf(figure, theme);
      case 'intervals':
        return intervalsOf(figure, theme);
      case 'reliability':
        return reliabilityOf(figure, theme);
      case 'parallel':
        return parallelOf(figure, theme);
    }
  }

  /** A figure in a closed section has no size, so it is drawn when the section opens. */
  function drawVisible() {
    const theme = readTheme();
    for (const element of document.querySelectorAll('[data-figure]')) {
      if (!(element instanceof HTMLElement) || drawn.has(element) || !element.offsetParent)
        continue;
      const canvas = element.querySelector('canvas');
      if (!canvas) continue;
      const figure = JSON.parse(element.dataset.figure ?? 'null');
      if (figure.kind === 'intervals') {
        element.style.height = `${6 + figure.names.length * (1 + 0.6 * figure.series.length)}rem`;
      }
      drawn.set(element, new Chart(canvas, configurationOf(figure, theme)));
    }
  }

  function drawAgain() {
    for (const chart of drawn.values()) chart.destroy();
    drawn.clear();
    drawVisible();
  }

  function openAll() {
    for (const details of document.querySelectorAll('details')) details.open = true;
    drawVisible();
  }

  for (const details of document.querySelectorAll('details')) {
    details.addEventListener('toggle', drawVisible);
  }
  document.querySelector('#open')?.addEventListener('click', openAll);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAgain);
  matchMedia('print').addEventListener('change', drawAgain);
  addEventListener('beforeprint', () => {
    openAll();
    drawAgain();
  });
  addEventListener('afterprint', drawAgain);
  drawVisible();
})();
