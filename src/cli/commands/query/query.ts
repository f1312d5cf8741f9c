import { resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { Option, type Command } from 'commander';
import { answerFormats, type AnswerFormatName } from '../../../analytics/query/write-answer.ts';
import { ConfigError } from '../../../config/parse-config.ts';
import type { Invocation } from '../../invocation.ts';
import { withWarehouse } from '../../with-warehouse.ts';
import { wholeNumberFrom } from '../argument-parsers.ts';
import { writeFileAtOnce } from '../export/write-file-at-once.ts';
import { describeQuestions, findQuery, type QueryFlags } from './find-query.ts';
import { holdPrompt } from './prompt.ts';
import { runQuery } from './run-query.ts';

interface Flags extends QueryFlags {
  readonly questions?: true;
  readonly format: AnswerFormatName;
  readonly out?: string;
  readonly timeout: number;
  readonly demo?: boolean;
}

export function addQueryCommand(program: Command, invocation: Invocation): void {
  program
    .command('query')
    .description('Ask the warehouse with SQL, or a question of the cookbook; it cannot write')
    .argument(
      '[sql]',
      'one statement; without it, --question or --file, a prompt on a terminal, else standard input',
    )
    .option('--question <name>', 'a question of the cookbook')
    .option('--param <name=value>', 'a parameter of the question; may be repeated', collect)
    .option('--demo', "of the demo's warehouse")
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
  invocation.print(describeQuestions('--param '));
}

async function ask(invocation: Invocation, sql: string | undefined, flags: Flags): Promise<void> {
  const { stdin, stdout, workingDirectory, signal } = invocation.surroundings;
  const { format, timeout: timeoutSeconds, out, demo = false } = flags;
  const wish = { demo, tables: 'as they are' } as const;
  const terminalWidth = stdout.isTTY && stdout.columns > 0 ? stdout.columns : null;
  if (format === 'parquet' && out === undefined && stdout.isTTY)
    throw new ConfigError(['Parquet is nothing to read: --out FILE, or a pipe']);
  const isPrompt =
    sql === undefined &&
    flags.question === undefined &&
    flags.file === undefined &&
    stdin.isTTY &&
    stdout.isTTY;
  if (isPrompt && out === undefined) {
    await withWarehouse(invocation, wish, ({ warehouse }) =>
      holdPrompt(invocation, warehouse.database, { format, timeoutSeconds }),
    );
    return;
  }
  const query = await findQuery(sql, flags, invocation.surroundings);
  const write = (stream: Writable, width: number | null): Promise<void> =>
    withWarehouse(invocation, wish, ({ warehouse }) =>
      runQuery(warehouse.database, {
        query,
        format,
        out: stream,
        terminalWidth: width,
        timeoutSeconds,
        signal,
      }),
    );
  if (out === undefined) await write(stdout, terminalWidth);
  else await writeFileAtOnce(resolve(workingDirectory, out), (stream) => write(stream, null));
}
