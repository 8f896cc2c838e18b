/** What asks for a retraining: the calendar, a person, or an alert. */
export type RetrainCause = 'schedule' | 'person' | 'alert';

/** One attempt to retrain a project, as its pull request remembers it. */
export interface RetrainAttempt {
  readonly project: string;
  /** Milliseconds. */
  readonly at: number;
  readonly cause: RetrainCause;
  /** Identifies one firing of an alert; null for other causes. */
  readonly fingerprint: string | null;
}

/** What is asked for. */
export interface RetrainRequest {
  readonly cause: RetrainCause;
  readonly projects: readonly string[];
  readonly fingerprint: string | null;
  /** Milliseconds. */
  readonly now: number;
}

/** How often a project may be retrained without a person asking. */
export interface RetrainLimits {
  /** Hours between two attempts. */
  readonly coolDownHours: number;
  /** Most attempts in thirty days. */
  readonly budget: number;
}

/** Whether a project is retrained, and why in one sentence. */
export interface RetrainDecision {
  readonly project: string;
  readonly start: boolean;
  readonly reason: string;
}

const hourMs = 3_600_000;
const windowMs = 30 * 24 * hourMs;

/**
 * Decides which projects are retrained. A person is always obeyed; an alert that fired once is answered once; alerts
 * and the schedule share a cool-down and a budget, so that a flapping alert costs neither machines nor attention.
 *
 * @param known the projects that can be retrained
 * @param attempts of any project, in any order
 * @param limitsOf how often each may be retrained
 * @example
 * const request = { cause: 'schedule', projects: ['pumpkins'], fingerprint: null, now: Date.now() } as const;
 * decideRetraining(request, ['pumpkins'], [], () => ({ coolDownHours: 24, budget: 8 }));
 * // [{ project: 'pumpkins', start: true, reason: 'Nothing speaks against it.' }]
 */
export function decideRetraining(
  request: RetrainRequest,
  known: readonly string[],
  attempts: readonly RetrainAttempt[],
  limitsOf: (project: string) => RetrainLimits,
): RetrainDecision[] {
  return [...new Set(request.projects)].map((project) => {
    const own = attempts.filter((attempt) => attempt.project === project);
    const refusal = known.includes(project)
      ? refusalOf(request, own, limitsOf(project))
      : 'There is no such project, or it has neither a "collect" nor feedback.';
    return { project, start: refusal === null, reason: refusal ?? 'Nothing speaks against it.' };
  });
}

function refusalOf(
  { cause, fingerprint, now }: RetrainRequest,
  attempts: readonly RetrainAttempt[],
  { coolDownHours, budget }: RetrainLimits,
): string | null {
  if (cause === 'person') return null;
  if (fingerprint !== null && attempts.some((attempt) => attempt.fingerprint === fingerprint)) {
    return `This firing of the alert (${fingerprint}) was answered before.`;
  }
  const hours = (now - Math.max(...attempts.map(({ at }) => at))) / hourMs;
  if (hours < coolDownHours) {
    return `The last attempt was ${Math.max(0, Math.floor(hours))} h ago; the cool-down is ${coolDownHours} h.`;
  }
  const recent = attempts.filter(({ at }) => now - at < windowMs).length;
  if (recent >= budget) return `The budget of ${budget} attempts in thirty days is used up.`;
  return null;
}
