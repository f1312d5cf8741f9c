import { is, sql } from 'drizzle-orm';
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core';
import type { Database } from '../connection/database.ts';
import * as schema from '../schema.ts';
import { triggerNames } from './relations.ts';
import * as watchSchema from '../watch-schema.ts';

interface Column {
  readonly table: string;
  readonly column: string;
  readonly type: string;
  readonly nullable: boolean;
}

interface Stored {
  readonly columns: ReadonlyMap<string, Column>;
  readonly indexes: ReadonlySet<string>;
  readonly triggers: ReadonlySet<string>;
}

/**
 * How a migrated warehouse differs from what this version works with: columns, indexes and triggers that are missing or other.
 * What somebody has added is theirs and no drift.
 */
export async function findSchemaDrift(database: Database): Promise<readonly string[]> {
  const tables = [...Object.values(schema), ...Object.values(watchSchema)].flatMap((value: unknown) =>
    is(value, PgTable) ? [getTableConfig(value)] : [],
  );
  const names = tables.map(({ name }) => name);
  const stored = await loadStored(database, names);
  const columns = tables.flatMap((table) =>
    table.columns.map((column) => ({
      table: table.name,
      column: column.name,
      type: typeName(column.getSQLType()),
      nullable: !column.notNull,
    })),
  );
  const indexes = tables.flatMap((table) => table.indexes.flatMap(({ config }) => config.name ?? []));
  return [
    ...columns.flatMap((column) =>
      compareColumn(column, stored.columns.get(`${column.table}.${column.column}`)),
    ),
    ...indexes.filter((name) => !stored.indexes.has(name)).map((name) => `index ${name} is missing`),
    ...triggerNames
      .filter((name) => !stored.triggers.has(name))
      .map((name) => `trigger ${name} is missing or switched off`),
  ];
}

function compareColumn(expected: Column, stored: Column | undefined): readonly string[] {
  const name = `${expected.table}.${expected.column}`;
  if (stored === undefined) return [`${name} is missing`];
  const differences: string[] = [];
  if (stored.type !== expected.type) differences.push(`${name} is ${stored.type}, not ${expected.type}`);
  if (stored.nullable !== expected.nullable) {
    differences.push(`${name} ${stored.nullable ? 'may' : 'must not'} be null`);
  }
  return differences;
}

async function loadStored(database: Database, tables: readonly string[]): Promise<Stored> {
  return database.transaction(async (tx) => {
    const names = sql`(select to_regclass(name)::oid from json_array_elements_text(${JSON.stringify(tables)}::json) name)`;
    const columns = await tx.execute<{ table: string; column: string; type: string; nullable: boolean }>(sql`
      select c.relname as table, a.attname as column, format_type(a.atttypid, a.atttypmod) as type,
        not a.attnotnull as nullable
      from pg_attribute a join pg_class c on c.oid = a.attrelid
      where a.attrelid in ${names} and a.attnum > 0 and not a.attisdropped`);
    const indexes = await tx.execute<{ name: string }>(sql`
      select c.relname as name from pg_index i join pg_class c on c.oid = i.indexrelid
      where i.indrelid in ${names} and i.indisvalid`);
    const triggers = await tx.execute<{ name: string }>(sql`
      select tgname as name from pg_trigger where tgrelid in ${names} and not tgisinternal and tgenabled in ('O', 'A')`);
    return {
      columns: new Map(columns.map((column) => [`${column.table}.${column.column}`, column])),
      indexes: new Set(indexes.map(({ name }) => name)),
      triggers: new Set(triggers.map(({ name }) => name)),
    };
  });
}

/** Drizzle's words for types, as Postgres prints them. */
function typeName(type: string): string {
  return type === 'bigserial' ? 'bigint' : type;
}
