import { createInterface, type Interface } from 'node:readline/promises';
import type { PreparedQuery } from '../../../analytics/questions/question.ts';
import type { AnswerFormatName } from '../../../analytics/query/write-answer.ts';
import type { Database } from '../../../warehouse/connection/database.ts';
import { relationNames } from '../../../warehouse/upkeep/relations.ts';
import { describeError } from '../../describe-error.ts';
import type { Invocation } from '../../invocation.ts';
import { describeQuestions, prepare } from './find-query.ts';
import { runQuery } from './run-query.ts';

const help = `A statement ends with ; and may take several lines. Nothing can be written.
  \\d                        tables and views
  \\d NAME                   the columns of one
  \\questions                questions of the cookbook
  \\ask NAME [days=7 …]      the answer to one
  \\q                        the end, as Ctrl-D is; Ctrl-C drops what is typed, or stops what runs`;

interface PromptOptions {
  readonly format: AnswerFormatName;
  readonly timeoutSeconds: number;
}

/** Answers statements from a terminal until its end; a statement that fails is told, and the next one may be typed. */
export async function holdPrompt(
  invocation: Invocation,
  database: Database,
  { format, timeoutSeconds }: PromptOptions,
): Promise<void> {
  const { stdin, stdout, signal } = invocation.surroundings;
  const lines = createInterface({ input: stdin, output: stdout, historySize: 1000 });
  let typed = '';
  let running: AbortController | null = null;
  lines.on('SIGINT', () => {
    if (running !== null) return running.abort(new Error('stopped'));
    typed = '';
    // Takes away what stands on the line.
    lines.write(null, { ctrl: true, name: 'u' });
    stdout.write('\n');
    showPrompt(lines, typed);
  });
  const close = (): void => lines.close();
  signal.addEventListener('abort', close, { once: true });
  const answer = async (query: PreparedQuery): Promise<void> => {
    running = new AbortController();
    try {
      await runQuery(database, {
        query,
        format,
        out: stdout,
        terminalWidth: stdout.columns > 0 ? stdout.columns : null,
        timeoutSeconds,
        signal: AbortSignal.any([signal, running.signal]),
      });
    } finally {
      running = null;
    }
  };
  invocation.print(`SQL that reads the warehouse; \\? for help.`);
  showPrompt(lines, typed);
  for await (const line of lines) {
    typed = typed === '' ? line.trimStart() : `${typed}\n${line}`;
    const isCommand = typed.startsWith('\\');
    if (isCommand || typed.trimEnd().endsWith(';')) {
      const wanted = typed.trim();
      typed = '';
      if (wanted === '\\q') break;
      try {
        const query = isCommand ? queryOfCommand(wanted, invocation) : { text: wanted, values: [] };
        if (query !== null) await answer(query);
      } catch (error) {
        if (signal.aborted) break;
        invocation.print(describeError(error, null).lines.join('\n'));
      }
    }
    showPrompt(lines, typed);
  }
  signal.removeEventListener('abort', close);
  lines.close();
}

function showPrompt(lines: Interface, typed: string): void {
  lines.setPrompt(typed === '' ? 'exa=> ' : 'exa-> ');
  lines.prompt();
}

/** @returns null for what is answered without the database. */
function queryOfCommand(command: string, invocation: Invocation): PreparedQuery | null {
  const [word = '', name = '', ...params] = command.split(/\s+/);
  if (word === '\\d' || word === '\\d+') return name === '' ? describeRelations : describeColumns(name);
  if (word === '\\ask' && name !== '') return prepare(name, params);
  invocation.print(word === '\\questions' ? describeQuestions('') : help);
  return null;
}

const ofWarehouse = `pg_class.oid = to_regclass(quote_ident(relname))
  and relname in (select json_array_elements_text($1::json))`;

const describeRelations: PreparedQuery = {
  text: `select relname as name, case relkind when 'v' then 'view' else 'table' end as kind,
      obj_description(oid, 'pg_class') as description
    from pg_class where ${ofWarehouse} order by relkind desc, relname`,
  values: [JSON.stringify(relationNames)],
};

function describeColumns(relation: string): PreparedQuery {
  return {
    text: `select attname as column, format_type(atttypid, atttypmod) as type, col_description(attrelid, attnum) as description
      from pg_attribute where attrelid = to_regclass($1::text) and attnum > 0 and not attisdropped order by attnum`,
    values: [relation],
  };
}
