import type { FastifyRequest, FastifyServerOptions } from 'fastify';
import { hideSecrets, hideUrlSecrets } from '../../platform/lib/hide-secrets.ts';
import type { Config } from '../config.ts';
import { createLineFormat, nestedKey } from './formats.ts';
import { traceOfRequest } from './trace.ts';

/**
 * How an application logs: in the format of the settings, and with the ids of a request's trace in all of its lines. A
 * format that others read also has method and URL in each of them, so that a line says by itself what was answered. What looks like
 * a secret is in none.
 */
export function logOptions({
  logLevel: level,
  logFormat: format,
}: Pick<Config, 'logLevel' | 'logFormat'>): Pick<
  FastifyServerOptions,
  'logger' | 'childLoggerFactory'
> {
  const isPino = format === 'pino';
  return {
    logger: {
      level,
      serializers: { req: describeRequest },
      ...(isPino
        ? { hooks: { streamWrite: hideSecrets } }
        : { nestedKey, hooks: { streamWrite: withoutSecrets(createLineFormat(format)) } }),
    },
    childLoggerFactory: (logger, bindings, options, request) => {
      // Nothing is written that ids would belong to.
      if (level === 'silent') return logger;
      const { method } = request;
      const url = hideUrlSecrets(request.url ?? '');
      const trace = traceOfRequest(request);
      return logger.child({ ...bindings, ...trace, ...(isPino ? {} : { method, url }) }, options);
    },
  };
}

/** Whatever else may say what a request held, the text of an error for one. */
const withoutSecrets = (render: (line: string) => string) => (line: string) =>
  hideSecrets(render(line));

/** A request, with the fields that the framework would log. What others log under its name may lack any of them. */
function describeRequest({ method, url, host, ip, socket }: FastifyRequest) {
  const remotePort = socket?.remotePort;
  return {
    ...{ method, url: hideUrlSecrets(String(url ?? '')), host, remoteAddress: ip },
    ...(remotePort === undefined ? {} : { remotePort }),
  };
}
