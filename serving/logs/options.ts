import type { FastifyServerOptions } from 'fastify';
import type { Config } from '../config.ts';
import { createLineFormat, nestedKey } from './formats.ts';
import { traceOfRequest } from './trace.ts';

/**
 * How an application logs: in the format of the settings, and with the ids of a request's trace in all of its lines. A
 * format that others read also has method and URL in each of them, so that a line says by itself what was answered.
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
    logger: isPino
      ? { level }
      : { level, nestedKey, hooks: { streamWrite: createLineFormat(format) } },
    childLoggerFactory: (logger, bindings, options, request) => {
      // Nothing is written that ids would belong to.
      if (level === 'silent') return logger;
      const { method, url } = request;
      const trace = traceOfRequest(request);
      return logger.child({ ...bindings, ...trace, ...(isPino ? {} : { method, url }) }, options);
    },
  };
}
