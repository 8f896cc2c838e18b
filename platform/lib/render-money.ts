import { renderNumber } from './render-number.ts';

/**
 * An amount of money: to the hundredth, small ones with four significant digits.
 *
 * @param currency ISO 4217
 * @example renderMoney(12.3456, 'EUR') // '12.35 EUR'
 * @example renderMoney(0.00123456, 'EUR') // '0.001235 EUR'
 */
export function renderMoney(amount: number, currency: string): string {
  return `${amount === 0 || amount >= 0.1 ? amount.toFixed(2) : renderNumber(amount)} ${currency}`;
}
