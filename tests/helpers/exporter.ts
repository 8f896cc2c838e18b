import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One sample: the labels and the value of a series. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A target of Prometheus whose samples a test sets. */
export interface Exporter {
  /** Host and port. */
  readonly target: string;
  show(samples: readonly Sample[]): void;
  stop(): Promise<void>;
}

/** Starts a server that answers scrapes with the samples shown last. */
export async function startExporter(): Promise<Exporter> {
  let text = '';
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    target: `127.0.0.1:${port}`,
    show: (samples) => {
      text = samples.map(renderSample).join('');
    },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function renderSample({ name, labels, value }: Sample): string {
  const pairs = Object.entries(labels).map(([key, text]) => `${key}=${JSON.stringify(text)}`);
  return `${name}{${pairs.join(',')}} ${value}\n`;
}
