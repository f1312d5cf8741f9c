/** The parameters of `DATABASE_URL` as a table for people. */
import { parameterNames, parameters, type Parameter } from '../postgres/parameters.ts';
import { renderMarkdownTable } from './markdown-table.ts';

export function describeParametersAsMarkdown(use: Parameter['use']): string {
  const rows = parameterNames
    .filter((name) => parameters[name].use === use)
    .map((name) => {
      const { variable, expected, meaning } = parameters[name];
      const cells = [`\`${name}\``, variable === null ? '' : `\`${variable}\``];
      return use === 'refused' ? [...cells, meaning] : [...cells, expected, meaning];
    });
  const head =
    use === 'refused' ? ['parameter', 'variable', 'instead'] : ['parameter', 'variable', 'value', 'meaning'];
  return renderMarkdownTable(head, rows);
}
