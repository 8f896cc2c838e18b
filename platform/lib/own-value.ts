/**
 * The value under a name that other people chose, such as a class, a column or a dataset; undefined if there is none.
 * `constructor` and `__proto__` are names like any other here, whereas `record[name]` would find what objects inherit.
 *
 * @example ownValue({ good: 'sell it' }, 'good') // 'sell it'
 * @example ownValue({}, 'constructor') // undefined
 */
export function ownValue<Value>(
  record: Readonly<Record<string, Value>> | undefined,
  name: string,
): Value | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}
