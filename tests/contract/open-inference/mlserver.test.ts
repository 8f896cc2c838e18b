import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { test } from '../../helpers/folder.ts';
import { mlserver } from '../../helpers/tools.ts';
import { type AskedServer, startAskedServer } from './asked-server.ts';

let server: AskedServer;
beforeAll(async () => {
  server = await startAskedServer();
});
afterAll(() => server.stop());

/** The command takes four seconds of processor time to start. */
const patience = 180_000;

describe.skipIf(!existsSync(mlserver.program))('mlserver infer', () => {
  const request = (id: string, values: readonly number[]) => ({
    id,
    inputs: [{ name: 'input', shape: [1, values.length], datatype: 'FP32', data: values }],
    outputs: [{ name: 'class' }, { name: 'score' }],
  });
  const row = (first: number) =>
    Array.from({ length: server.width }, (_, at) => (at === 0 ? first : 0));
  const rows = () => [-2, 0.5, 3].map((first) => request(`row ${first}`, row(first)));

  /** Each request and each answer is a line of JSON. */
  async function infer(folder: string, requests: readonly object[], ...options: string[]) {
    const [input, output] = [join(folder, 'requests.jsonl'), join(folder, 'answers.jsonl')];
    await writeFile(input, requests.map((one) => `${JSON.stringify(one)}\n`).join(''));
    const { host } = new URL(server.url);
    const files = ['--input-data-path', input, '--output-data-path', output];
    const asked = ['infer', '--url', host, '--model-name', server.model, '--retries', '1'];
    await promisify(execFile)(mlserver.program, [...asked, ...files, ...options]);
    const lines = (await readFile(output, 'utf8')).trim().split('\n');
    const answers = lines.map((line) => JSON.parse(line));
    return answers.sort((a, b) => a.parameters.batch_index - b.parameters.batch_index);
  }

  interface Output {
    readonly name: string;
    readonly data: readonly unknown[];
  }
  const said = (answers: readonly { readonly outputs: readonly Output[] }[]) =>
    answers.map(({ outputs }) => outputs.map(({ name, data }) => [name, ...data]));

  test(
    'answers a file of rows line by line, the same as numbers and as bytes, alone and together',
    async ({ folder }) => {
      const alone = await infer(folder, rows());
      expect(alone.map(({ id, model_name }) => [id, model_name])).toEqual(
        rows().map(({ id }) => [id, server.model]),
      );
      if (server.isOurs) {
        expect(said(alone).map(([label]) => label)).toEqual([
          ['class', 'small'],
          ['class', 'big'],
          ['class', 'big'],
        ]);
      }
      const together = await infer(folder, rows(), '--binary-data', '--batch-size', '2');
      expect(said(together)).toEqual(said(alone));
    },
    patience,
  );

  test(
    'writes down why a row was refused, and goes on',
    async ({ folder }) => {
      const [first, ...others] = rows();
      const wide = request('wide', [...row(1), 1]);
      const answers = await infer(folder, [...(first ? [first] : []), wide, ...others]);
      expect(answers.length).toBe(4);
      const refused = answers.filter(({ error }) => error);
      expect(refused.length).toBe(1);
      if (server.isOurs) expect(refused[0].error.msg).toContain('"input"');
    },
    patience,
  );
});
