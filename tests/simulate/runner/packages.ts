import { registerHooks } from 'node:module';

// The parser imports its schemas without the attribute that Node wants for JSON.
registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    if (!specifier.endsWith('.json')) return found;
    return { ...found, importAttributes: { ...found.importAttributes, type: 'json' } };
  },
});

const parser = await import('@actions/workflow-parser');
const { parseAction } = await import('@actions/workflow-parser/actions/action-parser');
const { data, Evaluator, Lexer, Parser } = await import('@actions/expressions');

/** GitHub's own parser of workflows and actions, and its evaluator of expressions. */
export const { parseWorkflow, convertWorkflowTemplate, NoOperationTraceWriter } = parser;
export { data, Evaluator, Lexer, Parser, parseAction };
