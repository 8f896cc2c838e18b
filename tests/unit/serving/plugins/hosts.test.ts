import { expect, test } from 'vitest';
import { createHostCheck } from '../../../../serving/plugins/hosts.ts';

const names = {
  loopback: ['localhost', 'LOCALHOST:80', '127.0.0.1:8080', '127.1', '[::1]:8080', 'a.localhost'],
  others: [
    'evil.example',
    'evil.example:8080',
    '10.0.0.7',
    '[2001:db8::1]',
    'localhost.evil.example',
  ],
  impossible: ['', 'a b', 'localhost/', 'localhost@evil.example', 'evil.example#localhost', '[::1'],
};

test.each(['127.0.0.1', 'localhost', '::1'])('on %s only loopback names are answered', (host) => {
  const accepts = createHostCheck({ host, hosts: '' });
  for (const name of names.loopback) expect(accepts(name), name).toBe(true);
  for (const name of [...names.others, ...names.impossible])
    expect(accepts(name), name).toBe(false);
});

test.each(['0.0.0.0', '::', '10.0.0.7'])('on %s every name is answered', (host) => {
  const accepts = createHostCheck({ host, hosts: '' });
  for (const name of [...names.loopback, ...names.others]) expect(accepts(name), name).toBe(true);
});

test('configured names are answered beside loopback, and * is any', () => {
  const accepts = createHostCheck({ host: '0.0.0.0', hosts: 'pumpkins.example, 10.0.0.7' });
  expect(accepts('Pumpkins.Example:443')).toBe(true);
  expect(accepts('10.0.0.7')).toBe(true);
  expect(accepts('localhost:8080')).toBe(true);
  expect(accepts('evil.example')).toBe(false);
  expect(createHostCheck({ host: '127.0.0.1', hosts: '*' })('evil.example')).toBe(true);
});
