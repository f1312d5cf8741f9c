import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { questions } from '../../../analytics/questions/catalogue.ts';
import { prepareQuestion, type PreparedQuery } from '../../../analytics/questions/question.ts';
import { ConfigError } from '../../../config/parse-config.ts';
import { toError } from '../../../sync/errors.ts';
import type { ProcessSurroundings } from '../../process-surroundings.ts';

/** Where the statement stands. */
export interface QueryFlags {
  readonly question?: string;
  /** Each `name=value`. */
  readonly param?: readonly string[];
  readonly file?: string;
}

/**
 * The statement that is asked for: on the command line, a question of the catalogue, in a file, or on standard input.
 * @throws ConfigError for wrong usage.
 */
export async function findQuery(
  written: string | undefined,
  { question, param = [], file }: QueryFlags,
  surroundings: Pick<ProcessSurroundings, 'workingDirectory' | 'stdin'>,
): Promise<PreparedQuery> {
  const ways = [written, question, file].filter((way) => way !== undefined).length;
  if (ways > 1) throw new ConfigError(['expected one of SQL, --question and --file, not several']);
  if (question === undefined && param.length > 0)
    throw new ConfigError(['--param belongs to --question, whose parameters it sets']);
  if (question !== undefined) return prepare(question, param);
  if (ways === 0 && surroundings.stdin.isTTY)
    throw new ConfigError(['expected SQL, --question NAME (--questions lists them) or --file']);
  if (written !== undefined) return statementOf(written);
  if (file !== undefined)
    return statementOf(await readStatement(resolve(surroundings.workingDirectory, file)));
  return statementOf(await text(surroundings.stdin));
}

function statementOf(statement: string): PreparedQuery {
  if (statement.trim() === '') throw new ConfigError(['expected SQL, got nothing']);
  return { text: statement, values: [] };
}

async function readStatement(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new ConfigError([`--file: ${toError(error).message}`], { cause: error });
  }
}

/** Every question with its parameters; `mark` stands before each of them. */
export function describeQuestions(mark: string): string {
  const lines = questions.flatMap(({ name, title, parameters }) => [
    `${name}  ${title}`,
    ...Object.entries(parameters).map(
      ([parameter, { default: value, about }]) => `    ${mark}${parameter}=${value}  ${about}`,
    ),
  ]);
  return lines.join('\n');
}

/** @throws ConfigError for a question or a parameter that there is not. */
export function prepare(name: string, params: readonly string[]): PreparedQuery {
  const question = questions.find((known) => known.name === name);
  if (question === undefined)
    throw new ConfigError([`there is no question "${name}"; --questions lists those that there are`]);
  const chosen = params.map((param): readonly [string, string] => {
    const end = param.indexOf('=');
    if (end < 1) throw new ConfigError([`--param is "${param}": expected name=value`]);
    return [param.slice(0, end), param.slice(end + 1)];
  });
  try {
    return prepareQuestion(question, Object.fromEntries(chosen));
  } catch (error) {
    throw new ConfigError([toError(error).message], { cause: error });
  }
}
