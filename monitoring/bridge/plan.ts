import { digestBytes, hexOf } from '../../platform/lib/hash.ts';
import { plainText } from '../../platform/lib/markdown.ts';
import { type AlertOutcome, type BridgeAction, bridgeActions } from '../metrics.ts';
import { type Ask, coolDownKey, type Memory, projectName } from './memory.ts';
import type { Notification } from './notification.ts';

/** What bounds the dispatches. */
export interface Limits {
  /** Milliseconds between two dispatches of one kind for one project. */
  readonly coolDown: number;
  /** Projects that alerts may name; empty for any. */
  readonly projects: readonly string[];
}

/** What follows from a notification. */
export interface Plan {
  readonly asks: readonly Ask[];
  /** Firings seen again, which are remembered for longer. */
  readonly seen: readonly string[];
  /** What became of each alert, in their order. */
  readonly outcomes: readonly Told[];
}

/** What became of an alert; the action is '' where it asks for none. */
interface Told {
  readonly action: BridgeAction | '';
  readonly outcome: AlertOutcome;
}

type Alert = Notification['alerts'][number];

/**
 * Decides what a notification asks of GitHub. An alert asks by its labels: `action` says for what, `model` for which project,
 * `version` about which promotion. One that is resolved, was answered before, or comes within the cool-down asks for nothing;
 * only an answered one is forgotten, so that an alert that still fires after the cool-down is heard when it is repeated.
 *
 * @param now milliseconds
 */
export function planDispatches(
  notification: Notification,
  memory: Memory,
  { coolDown, projects }: Limits,
  now: number,
): Plan {
  const asks = new Map<string, Ask>();
  const seen: string[] = [];
  const outcomes = notification.alerts.map((alert): Told => {
    const asked = readAlert(alert, projects);
    if (asked === null) return { action: '', outcome: 'ignored' };
    const { action, firings } = asked;
    const [firing = ''] = firings;
    const key = coolDownKey(asked);
    if (alert.status === 'resolved') return { action, outcome: 'resolved' };
    if (Object.hasOwn(memory.answered, firing)) {
      seen.push(firing);
      return { action, outcome: 'answered' };
    }
    if (memory.waiting.some((waiting) => coolDownKey(waiting) === key))
      return { action, outcome: 'waiting' };
    if (now - (memory.sent[key] ?? Number.NEGATIVE_INFINITY) < coolDown)
      return { action, outcome: 'cooling-down' };
    const first = asks.get(key);
    asks.set(key, first ? { ...first, firings: [...first.firings, firing] } : asked);
    return { action, outcome: 'queued' };
  });
  return { asks: [...asks.values()], seen, outcomes };
}

/** The dispatch that an alert asks for, whatever was asked before; null where it asks for none. */
function readAlert(alert: Alert, projects: readonly string[]): Ask | null {
  const { action = '', model = '', alertname = '', version = '' } = alert.labels;
  const known = bridgeActions.find((name) => name === action);
  if (!known || alertname === '' || !projectName.test(model)) return null;
  if (projects.length > 0 && !projects.includes(model)) return null;
  if (known === 'revert' && !/^[0-9a-f]{12}$/.test(version)) return null;
  const firing = firingOf(alert);
  return {
    action: known,
    project: model,
    fingerprint: firing,
    alert: plainText(alertname).slice(0, 200),
    reason: plainText(alert.annotations.description ?? alert.annotations.summary ?? ''),
    version: /^[0-9a-f]{12}$/.test(version) ? version : '',
    firings: [firing],
  };
}

/** One firing of one alert: it begins at another time when the alert fires again after it was resolved. */
function firingOf({ fingerprint, startsAt }: Alert): string {
  return hexOf(digestBytes(`${fingerprint} ${Date.parse(startsAt)}`)).slice(0, 32);
}
