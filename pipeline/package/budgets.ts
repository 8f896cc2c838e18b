import { MainstemError } from '../../platform/lib/errors.ts';
import type { Budgets } from '../../platform/schemas/define/index.ts';

/** @throws MainstemError PACKAGE_BUDGET if the model is larger or slower than the project allows */
export function assertBudgets(budgets: Budgets, bytes: number, p95: number): void {
  if (bytes > budgets.modelBytes) {
    const [found, allowed] = [`${bytes} bytes`, `${budgets.modelBytes} bytes`];
    throw new MainstemError('PACKAGE_BUDGET', { what: 'its size', found, allowed });
  }
  if (p95 > budgets.latencyMs) {
    const [found, allowed] = [`${p95} ms`, `${budgets.latencyMs} ms`];
    throw new MainstemError('PACKAGE_BUDGET', { what: 'its latency (p95)', found, allowed });
  }
}
