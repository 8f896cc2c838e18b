/** A state that a pull request shows, with one sentence. */
export interface JudgedState {
  readonly state: 'success' | 'failure' | 'pending';
  readonly description: string;
}

export function passed(description: string): JudgedState {
  return { state: 'success', description };
}

export function stopped(description: string): JudgedState {
  return { state: 'failure', description };
}
