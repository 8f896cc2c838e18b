import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import { stopProcess } from './stop-process.ts';
import { goPrograms } from './tools.ts';

/** Whether an Alertmanager is there. */
export const alertmanagerFound = existsSync(goPrograms.alertmanager);

/** Whether a Prometheus is installed. */
export const prometheusFound = spawnSync('prometheus', ['--version']).status === 0;

/** One series of an instant query. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [time: number, value: string];
}

export interface Prometheus {
  readonly url: string;
  /** Instant query. @throws Error with Prometheus' words if the query is wrong */
  query(expression: string): Promise<readonly Series[]>;
  /** Waits until so many scrapes have succeeded. */
  scraped(times: number): Promise<void>;
  /** Waits until so many more scrapes, a second each, have succeeded. */
  scrapedMore(times: number): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts a real Prometheus that scrapes targets, and evaluates rules, every second.
 *
 * @param notified host and port of whoever is notified
 */
export async function startPrometheus(
  folder: string,
  target: string | readonly string[],
  rules: object = { groups: [] },
  notified?: string,
): Promise<Prometheus> {
  const port = await freePort();
  const config = join(folder, 'prometheus.yml');
  await mkdir(folder, { recursive: true });
  await writeFile(
    config,
    JSON.stringify({
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: ['rules.json'],
      ...(notified && {
        alerting: { alertmanagers: [{ static_configs: [{ targets: [notified] }] }] },
      }),
      scrape_configs: [{ job_name: 'mainstem', static_configs: [{ targets: [target].flat() }] }],
    }),
  );
  await writeFile(join(folder, 'rules.json'), JSON.stringify(rules));
  const child = spawn(
    'prometheus',
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  );
  const url = `http://127.0.0.1:${port}`;
  const query = (expression: string) => queryAt(url, expression);
  const count = async () =>
    Number((await query('count_over_time(up[1h]) and up == 1'))[0]?.value[1] ?? 0);
  const scraped = (times: number) =>
    until(async () => (await count().catch(() => 0)) >= times, `${times} scrapes`);
  return {
    url,
    query,
    scraped,
    scrapedMore: async (times) => scraped((await count()) + times),
    stop: () => stopProcess(child),
  };
}

/** An alert as Alertmanager has it. */
export interface HeldAlert {
  readonly labels: Readonly<Record<string, string>>;
  /** `suppressed` while another alert inhibits it. */
  readonly status: {
    readonly state: 'unprocessed' | 'active' | 'suppressed';
    readonly inhibitedBy: readonly string[];
  };
}

/** An Alertmanager while it runs. */
export interface Alertmanager {
  /** Host and port. */
  readonly target: string;
  /** What has not been resolved. */
  alerts(): Promise<readonly HeldAlert[]>;
  stop(): Promise<void>;
}

/** Starts a real Alertmanager with a configuration as text. */
export async function startAlertmanager(folder: string, config: string): Promise<Alertmanager> {
  const path = join(folder, 'alertmanager.yml');
  await mkdir(folder, { recursive: true });
  await writeFile(path, config);
  const target = `127.0.0.1:${await freePort()}`;
  const flags = [
    ...[`--config.file=${path}`, `--storage.path=${join(folder, 'data')}`],
    ...[`--web.listen-address=${target}`, '--cluster.listen-address='],
  ];
  const child = spawn(goPrograms.alertmanager, flags, { stdio: 'ignore' });
  await until(() => isReady(`http://${target}/-/ready`));
  const alerts = async () =>
    (await (await fetch(`http://${target}/api/v2/alerts`)).json()) as HeldAlert[];
  return { target, alerts, stop: () => stopProcess(child) };
}

async function isReady(url: string): Promise<boolean> {
  const answer = await fetch(url).catch(() => null);
  return answer?.ok ?? false;
}

async function queryAt(url: string, expression: string): Promise<readonly Series[]> {
  const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expression)}`);
  const body = (await answer.json()) as {
    status: string;
    error?: string;
    data: { result: Series[] };
  };
  if (body.status !== 'success') throw new Error(`${body.error}: ${expression}`);
  return body.data.result;
}

/** Waits for what comes by itself. @throws Error after two minutes, saying what did not come */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what = 'what was waited for',
): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Within two minutes this did not come: ${what}`);
    await pause(250);
  }
}
