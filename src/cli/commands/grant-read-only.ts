import { InvalidArgumentError, type Command } from 'commander';
import {
  grantReadOnly,
  RoleOfOthersError,
  type ReadOnlyRole,
} from '../../warehouse/upkeep/grant-read-only.ts';
import type { Invocation } from '../invocation.ts';
import { withWarehouse } from '../with-warehouse.ts';

export function addGrantReadOnlyCommand(program: Command, invocation: Invocation): void {
  program
    .command('grant-read-only')
    .description(
      'Make a database role for BI tools that can read the tables and views and do nothing else; its password comes from READ_ONLY_PASSWORD',
    )
    .argument('<role>', 'name of the role, made when missing', parseRole)
    .option('--json', 'print the outcome as JSON')
    .action((role: string, flags: { readonly json?: boolean }) =>
      grant(invocation, role, flags.json ?? false),
    );
}

/** A name as Postgres takes it in double quotes. */
function parseRole(text: string): string {
  if (!/^[^\p{Cc}]+$/u.test(text) || Buffer.byteLength(text) > 63 || /^pg_/i.test(text)) {
    throw new InvalidArgumentError('Expected a name of at most 63 bytes that does not start with pg_.');
  }
  return text;
}

async function grant(invocation: Invocation, role: string, asJson: boolean): Promise<void> {
  await withWarehouse(invocation, { tables: 'required' }, async ({ config, warehouse }) => {
    const password = config.readOnlyPassword;
    try {
      const granted = await grantReadOnly(warehouse.database, { role, password });
      invocation.print(
        asJson ? JSON.stringify({ role, ...granted }) : describe(role, granted, password !== null),
      );
    } catch (error) {
      if (error instanceof RoleOfOthersError) {
        const { statements } = error;
        invocation.print(asJson ? JSON.stringify({ role, statements }) : `${statements.join(';\n')};`);
      }
      throw error;
    }
  });
}

function describe(
  role: string,
  { created, schema, againstTemporaryTables }: ReadOnlyRole,
  hasPassword: boolean,
): string {
  const passwordState = hasPassword
    ? 'its password is READ_ONLY_PASSWORD'
    : created
      ? 'it has no password: set READ_ONLY_PASSWORD and run this again'
      : 'its password stays';
  const done = `${created ? 'Made' : 'Updated'} role ${role}: it reads the tables and views of schema ${schema}; ${passwordState}.`;
  if (againstTemporaryTables === null) return done;
  return `${done}\nIt can make temporary tables, as everybody in this database can. To take that from all of them: ${againstTemporaryTables};`;
}
