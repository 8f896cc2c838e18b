import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { buildAlerts } from '../../monitoring/alerts/index.ts';
import { objectives } from '../../monitoring/objectives.ts';
import { buildRules, type RuleFile } from '../../monitoring/rules/index.ts';
import { durationOf } from '../../platform/lib/parse-duration.ts';
import { secret } from './bridge.ts';

const root = join(import.meta.dirname, '../..');

/** A minute of the configuration becomes a second, as rules are evaluated each second instead of each minute. */
export function inSeconds(duration: string): string {
  return `${Math.ceil(durationOf(duration) / 60)}ms`;
}

/** The rules and alerts as they are, but for how long alerts wait. */
export function rulesWaiting(wait: (duration: string) => string): RuleFile {
  const { groups } = buildAlerts(objectives);
  const alerts = groups.map(({ name, rules }) => ({
    name,
    rules: rules.map((rule) => ('for' in rule ? { ...rule, for: wait(String(rule.for)) } : rule)),
  }));
  return { groups: [...buildRules(objectives).groups, ...alerts] };
}

/** How long Alertmanager waits, as its configuration has it. */
export interface Waits {
  readonly group_wait: string;
  readonly group_interval: string;
  /** Of what goes to the bridge. */
  readonly repeat_interval: string;
}

/** The configuration of the repository, with the bridge's receiver as its comment gives it, and with other patience. */
export async function alertmanagerConfig(
  folder: string,
  bridge: string,
  { repeat_interval, ...waits }: Waits,
): Promise<string> {
  const text = await readFile(join(root, 'infra/compose/alertmanager.yml'), 'utf8');
  const receiver = commentedReceiver(text);
  const [webhook] = receiver.webhook_configs;
  const file = join(folder, 'bridge-secret');
  await writeFile(file, secret);
  const { authorization } = webhook.http_config;
  Object.assign(webhook, {
    url: `${bridge}/alerts`,
    http_config: { authorization: { ...authorization, credentials_file: file } },
  });
  const config = parse(text);
  const receivers = config.receivers.map((one: { name: string }) =>
    one.name === receiver.name ? receiver : one,
  );
  const [toBridge, ...others] = config.route.routes;
  const routes = [{ ...toBridge, repeat_interval }, ...others];
  return stringify({ ...config, receivers, route: { ...config.route, ...waits, routes } });
}

function commentedReceiver(text: string) {
  const lines = text.split('\n');
  const at = lines.indexOf('#   - name: bridge');
  const own = lines.slice(at, at + 6).map((line) => line.slice(2));
  return parse(own.join('\n'))[0];
}
