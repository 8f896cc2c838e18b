/**
 * Seconds for people: two units at most.
 *
 * @example renderDuration(0.84) // '0.8 s'
 * @example renderDuration(431) // '7 min 11 s'
 * @example renderDuration(9000) // '2 h 30 min'
 */
export function renderDuration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
