import type { Sql } from 'postgres';

/**
 * What the migrations make of an empty schema, as text: tables, columns, indexes, triggers, functions, views and
 * comments, from the catalog. Postgres 14 to 18 make the same text.
 */
export async function dumpSchema(sql: Sql): Promise<string> {
  const sections = await Promise.all(
    Object.entries(queries).map(async ([title, query]) => {
      const rows = await sql.unsafe<{ line: string }[]>(query);
      return [
        `-- ${title}`,
        ...rows.map(({ line }) => (title === viewDefinitions ? evenOut(line) : line)),
        '',
      ].join('\n');
    }),
  );
  return sections.join('\n');
}

/** Since version 16, columns are printed without the name of their table where there is only one. */
function evenOut(definition: string): string {
  return definition.replaceAll(/\b[a-z_][a-z0-9_]*\.(?=[a-z_])/g, '').replaceAll(/[ \t]+$/gm, '');
}

const relations = `pg_class relation where relnamespace = current_schema()::regnamespace and relname <> 'schema_migrations'`;

const viewDefinitions = 'definitions of views, columns without their tables';

const queries: Readonly<Record<string, string>> = {
  'tables and their columns': `
    select format('%s.%s %s%s%s%s', relname, attname, format_type(atttypid, atttypmod),
      case when attnotnull then ' not null' else '' end,
      case when attgenerated = 's' then ' generated' else '' end,
      coalesce(' ' || (select pg_get_expr(adbin, adrelid) from pg_attrdef where adrelid = attrelid and adnum = attnum), '')) as line
    from pg_attribute, ${relations} and relkind = 'r' and attrelid = relation.oid and attnum > 0 and not attisdropped
    order by relname, attnum`,
  'settings of tables': `
    select format('%s %s', relname, array_to_string(reloptions, ', ')) as line
    from ${relations} and relkind = 'r' and reloptions is not null order by relname`,
  indexes: `
    select pg_get_indexdef(indexrelid, 0, true) as line
    from pg_index join pg_class relation on relation.oid = indrelid
    where relation.relnamespace = current_schema()::regnamespace and relname <> 'schema_migrations'
    order by 1`,
  triggers: `
    select pg_get_triggerdef(pg_trigger.oid, true) as line
    from pg_trigger join pg_class relation on relation.oid = tgrelid
    where relation.relnamespace = current_schema()::regnamespace and not tgisinternal
    order by 1`,
  functions: `
    select pg_get_functiondef(oid) as line from pg_proc where pronamespace = current_schema()::regnamespace order by proname`,
  'views and their columns': `
    select format('%s.%s %s', relname, attname, format_type(atttypid, atttypmod)) as line
    from pg_attribute, ${relations} and relkind = 'v' and attrelid = relation.oid and attnum > 0
    order by relname, attnum`,
  [viewDefinitions]: `
    select format(E'%s\\n%s', relname, pg_get_viewdef(relation.oid, true)) as line
    from ${relations} and relkind = 'v' order by relname`,
  comments: `
    select format('%s%s: %s', relname, coalesce('.' || attname, ''), description) as line
    from pg_description join pg_class relation on relation.oid = objoid and classoid = 'pg_class'::regclass
    left join pg_attribute on attrelid = relation.oid and attnum = objsubid and objsubid > 0
    where relation.relnamespace = current_schema()::regnamespace and relkind in ('r', 'v')
    order by relname, objsubid`,
  'comments on functions': `
    select format('%s: %s', proname, description) as line
    from pg_description join pg_proc on pg_proc.oid = objoid and classoid = 'pg_proc'::regclass
    where pronamespace = current_schema()::regnamespace
    order by proname`,
};
