/** What a question lets its asker choose. */
interface Parameter {
  /** Its type in Postgres. */
  readonly type: 'integer' | 'double precision' | 'text';
  readonly default: string | number;
  readonly about: string;
}

/** A question that people ask of the warehouse, with the query that answers it. */
export interface Question {
  /** What it is called by: `query --question NAME`. */
  readonly name: string;
  readonly title: string;
  /** What else is to be known, in Markdown; empty: nothing. */
  readonly about: string;
  readonly parameters: Readonly<Record<string, Parameter>>;
  /** One statement that only reads. A parameter stands in it as `:name`. */
  readonly sql: string;
}

/** A statement for the server, with the values of its `$1`, `$2`, … */
export interface PreparedQuery {
  readonly text: string;
  readonly values: readonly (string | number)[];
}

/** A value that no parameter takes, or a parameter that the question lacks. */
class ParameterError extends Error {
  override readonly name = 'ParameterError';
}

/** Not a cast such as `::numeric`. */
const placeholder = /(?<!:):([a-z_]+)\b/g;

/**
 * The question's query with the chosen values, as texts; the others have their defaults.
 * @throws ParameterError
 */
export function prepareQuestion(question: Question, chosen: Readonly<Record<string, string>>): PreparedQuery {
  for (const name of Object.keys(chosen)) parameterOf(question, name);
  const values: (string | number)[] = [];
  const text = trimIndent(question.sql).replaceAll(placeholder, (_written, name: string) => {
    const parameter = parameterOf(question, name);
    const value = chosen[name];
    values.push(value === undefined ? parameter.default : parseValue(name, parameter, value));
    return `$${values.length}::${parameter.type}`;
  });
  return { text, values };
}

/** The question's query with its defaults written out, to be pasted into any tool. */
export function queryWithDefaults(question: Question): string {
  return trimIndent(question.sql).replaceAll(placeholder, (_written, name: string) => {
    const value = parameterOf(question, name).default;
    return typeof value === 'number' ? String(value) : `'${value.replaceAll("'", "''")}'`;
  });
}

function parameterOf({ name: question, parameters }: Question, name: string): Parameter {
  const parameter = parameters[name];
  if (parameter !== undefined) return parameter;
  const known = Object.keys(parameters);
  throw new ParameterError(
    `question ${question} has no parameter "${name}"; ${known.length === 0 ? 'it has none' : `these are: ${known.join(', ')}`}`,
  );
}

function parseValue(name: string, { type }: Parameter, text: string): string | number {
  if (type === 'text') return text;
  const value = Number(text);
  const isRight =
    text.trim() !== '' && (type === 'integer' ? Number.isInteger(value) : Number.isFinite(value));
  if (isRight) return value;
  const wanted = type === 'integer' ? 'a whole number' : 'a number';
  throw new ParameterError(`parameter ${name} is "${text}": expected ${wanted}`);
}

/** The statement without the indentation that it has in the source. */
function trimIndent(sql: string): string {
  const lines = sql.split('\n').filter((line, index) => index > 0 || line.trim() !== '');
  const indents = lines
    .filter((line) => line.trim() !== '')
    .map((line) => line.length - line.trimStart().length);
  const indent = Math.min(...indents);
  return lines.map((line) => line.slice(indent)).join('\n');
}
