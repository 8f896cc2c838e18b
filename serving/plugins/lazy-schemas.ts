import buildValidators from '@fastify/ajv-compiler';
import buildSerializers from '@fastify/fast-json-stringify-compiler';
import type { FastifyInstance } from 'fastify';
import { spellNullable } from './spell-nullable.ts';

/**
 * Compiles the schemas of routes by the framework's own compilers, each when it is first needed: all of them take a quarter of
 * the time to start, and most describe errors, or routes that nobody asks for. Call it before adding routes.
 */
export function addLazySchemas(app: FastifyInstance): void {
  // No coercion: a request with the wrong types is rejected, never converted.
  const customOptions = { coerceTypes: false, removeAdditional: false } as const;
  const validators = once(() => buildValidators()({}, { customOptions }));
  const serialize = buildSerializers()({}, {});
  app.setValidatorCompiler((route) => lazily(() => validators()(route)));
  app.setSerializerCompiler(({ httpStatus = '', schema, ...route }) =>
    lazily(() => serialize({ ...route, schema: spellNullable(schema), httpStatus })),
  );
}

/** Passes calls on to what is compiled at the first one. A validator says in its own `errors` what it found. */
function lazily<A, R>(compile: () => (argument: A) => R): (argument: A) => R {
  let compiled: ((argument: A) => R) | undefined;
  const call = (argument: A): R => {
    compiled ??= compile();
    const result = compiled(argument);
    if ('errors' in compiled) Object.assign(call, { errors: compiled.errors });
    return result;
  };
  return call;
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
