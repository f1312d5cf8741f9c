import { sql } from 'drizzle-orm';
import { quoteIdentifier } from '../../warehouse/connection/statement.ts';
import { relationNames } from '../../warehouse/upkeep/relations.ts';
import type { Transaction } from '../../warehouse/connection/transaction.ts';

/** What a column holds, as far as exports tell types apart. Arrays are JSON. */
export type ColumnKind = 'text' | 'boolean' | 'integer' | 'bigint' | 'double' | 'instant' | 'date' | 'json';

export interface Column {
  readonly name: string;
  readonly kind: ColumnKind;
}

/** A name that is neither a table nor a view of the warehouse. */
class UnknownRelationError extends Error {
  override readonly name = 'UnknownRelationError';

  constructor(relation: string) {
    super(`"${relation}" is not a table or view of the warehouse; these are: ${relationNames.join(', ')}`);
  }
}

const kinds: Readonly<Record<string, ColumnKind>> = {
  bool: 'boolean',
  int2: 'integer',
  int4: 'integer',
  int8: 'bigint',
  float4: 'double',
  float8: 'double',
  timestamptz: 'instant',
  date: 'date',
  json: 'json',
  jsonb: 'json',
};

/**
 * The columns of a table or view, in their order.
 * @throws UnknownRelationError
 */
export async function loadColumns(tx: Transaction, relation: string): Promise<readonly Column[]> {
  if (!relationNames.includes(relation)) throw new UnknownRelationError(relation);
  const rows = await tx.execute<{ name: string; type: string; category: string }>(sql`
    select attribute.attname as name, type.typname as type, type.typcategory as category
    from pg_attribute attribute
    join pg_type type on type.oid = attribute.atttypid
    where attribute.attrelid = ${quoteIdentifier(relation)}::regclass
      and attribute.attnum > 0 and not attribute.attisdropped
    order by attribute.attnum`);
  return rows.map(({ name, type, category }) => ({
    name,
    kind: category === 'A' ? 'json' : (kinds[type] ?? 'text'),
  }));
}
