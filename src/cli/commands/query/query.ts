import { resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { Option, type Command } from 'commander';
import { answerFormats, type AnswerFormatName } from '../../../analytics/query/answer-formats.ts';
import { writeAnswer } from '../../../analytics/query/write-answer.ts';
import { questions } from '../../../analytics/questions/catalogue.ts';
import { WordedError } from '../../../app/database-failure.ts';
import { describeInOneLine } from '../../../app/describe-in-one-line.ts';
import type { Invocation } from '../../invocation.ts';
import { makeHarmless } from '../../terminal/make-harmless.ts';
import { withWarehouse } from '../../with-warehouse.ts';
import { wholeNumberFrom } from '../argument-parsers.ts';
import { writeFileAtOnce } from '../export/write-file-at-once.ts';
import { findQuery, type QueryFlags } from './find-query.ts';

interface Flags extends QueryFlags {
  readonly questions?: true;
  readonly format: AnswerFormatName;
  readonly out?: string;
  readonly timeout: number;
}

export function addQueryCommand(program: Command, invocation: Invocation): void {
  program
    .command('query')
    .description('Ask the warehouse with SQL, or a question of the cookbook; it cannot write')
    .argument('[sql]', 'one statement; without it, --question or --file, standard input is read')
    .option('--question <name>', 'a question of the cookbook')
    .option('--param <name=value>', 'a parameter of the question; may be repeated', collect)
    .option('--questions', 'list the questions and their parameters')
    .option('--file <file>', 'read the statement from a file')
    .addOption(
      new Option('--format <format>', 'format of the answer').choices(answerFormats).default('table'),
    )
    .option('--out <file>', 'write to a file instead of standard output; it appears when it is complete')
    .option('--timeout <seconds>', 'seconds until it is given up', wholeNumberFrom(1, 86_400), 60)
    .action((sql: string | undefined, flags: Flags) =>
      flags.questions === true ? listQuestions(invocation) : ask(invocation, sql, flags),
    );
}

function collect(value: string, others: readonly string[] = []): readonly string[] {
  return [...others, value];
}

function listQuestions(invocation: Invocation): void {
  const lines = questions.flatMap(({ name, title, parameters }) => [
    `${name}  ${title}`,
    ...Object.entries(parameters).map(
      ([parameter, { default: value, about }]) => `    --param ${parameter}=${value}  ${about}`,
    ),
  ]);
  invocation.print(lines.join('\n'));
}

/** What the server says of a statement that it does not run. */
class QueryFailedError extends WordedError {
  override readonly name = 'QueryFailedError';
}

async function ask(invocation: Invocation, sql: string | undefined, flags: Flags): Promise<void> {
  const { stdout, workingDirectory, signal } = invocation.surroundings;
  const query = await findQuery(sql, flags, invocation.surroundings);
  const write = (out: Writable, isTerminal: boolean): Promise<void> =>
    withWarehouse(invocation, { tables: 'as they are' }, async ({ warehouse }) => {
      try {
        await writeAnswer(warehouse.database, {
          query,
          format: flags.format,
          width: isTerminal && stdout.columns > 0 ? stdout.columns : null,
          timeoutMs: flags.timeout * 1000,
          signal,
          out,
          clean: isTerminal || flags.format === 'table' ? makeHarmless : (text) => text,
        });
      } catch (error) {
        signal.throwIfAborted();
        throw wordsOf(error, flags.timeout);
      }
    });
  if (flags.out === undefined) await write(stdout, stdout.isTTY);
  else await writeFileAtOnce(resolve(workingDirectory, flags.out), (out) => write(out, false));
}

/** SQLSTATE classes that speak of the statement: data, transaction state, rights and syntax, limits. */
const ofStatement = /^(?:0A|2[0-9]|42|53|54)/;
const canceled = '57014';

function wordsOf(error: unknown, timeoutSeconds: number): unknown {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return error;
  if (error.code === canceled) {
    const line = `the query took longer than ${timeoutSeconds} s; --timeout allows more`;
    return new QueryFailedError(line, { cause: error });
  }
  if (error.code === 'EPIPE' || !ofStatement.test(error.code)) return error;
  return new QueryFailedError(`the query failed: ${describeInOneLine(error)}`, { cause: error });
}
