import { expect, test } from 'vitest';
import { growingList } from '../../../../../platform/storage/remotes/http/growing-list.ts';

test('a list has every key once, also where pages overlap or are empty', () => {
  const list = growingList();
  for (const page of [['a', 'b'], [], ['b', 'c'], ...Array.from({ length: 15 }, () => ['c'])])
    list.add(page);
  list.add(['d']);
  expect([...list.keys]).toEqual(['a', 'b', 'c', 'd']);
});

test('page after page without anything new is a list without an end', () => {
  const list = growingList();
  expect(() => {
    for (let page = 0; page < 1000; page++) list.add(['a', 'b']);
  }).toThrow('its list has no end');
});

test('a list that grows for as long as it is read has no end either', () => {
  const list = growingList(5000);
  expect(() => {
    for (let page = 0; ; page++) list.add([`${page}a`, `${page}b`]);
  }).toThrow('its list has no end');
});
