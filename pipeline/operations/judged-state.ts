/** A state that a pull request shows, with one sentence. */
export interface JudgedState {
  readonly state: 'success' | 'failure' | 'pending';
  readonly description: string;
}
