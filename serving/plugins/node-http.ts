/** Node's HTTP. An `import` of it would also load all that `fetch` and WebSockets need, a tenth of the time to start. */
export const { createServer, IncomingMessage, maxHeaderSize, ServerResponse, STATUS_CODES } =
  process.getBuiltinModule('node:http');
