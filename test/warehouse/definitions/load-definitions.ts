import type { Sql } from 'postgres';

/** By what it belongs to (`view monitor_health`, `triggers monitor_runs`): as Postgres prints it, with its comments. */
export type Definitions = ReadonlyMap<string, string>;

export async function loadDefinitions(sql: Sql): Promise<Definitions> {
  const rows = await sql<{ owner: string; text: string }[]>`
    select 'function ' || proname as owner,
      pg_get_functiondef(oid) || coalesce(obj_description(oid, 'pg_proc'), 'no comment') as text
    from pg_proc where pronamespace = current_schema()::regnamespace
    union all
    select 'view ' || relname,
      concat_ws(E'\n', pg_get_viewdef(relation.oid, true), reloptions::text, obj_description(relation.oid, 'pg_class'), (
        select string_agg(concat_ws(' ', attname, format_type(atttypid, atttypmod), col_description(attrelid, attnum)),
          E'\n' order by attnum)
        from pg_attribute where attrelid = relation.oid and attnum > 0))
    from pg_class relation where relkind = 'v' and relnamespace = current_schema()::regnamespace
    union all
    select 'triggers ' || relname, string_agg(pg_get_triggerdef(pg_trigger.oid, true), E'\n' order by tgname)
    from pg_trigger join pg_class relation on relation.oid = tgrelid
    where relnamespace = current_schema()::regnamespace and not tgisinternal
    group by relname`;
  return new Map(rows.map(({ owner, text }) => [owner, text]));
}

/** What two databases define differently, or only one of them. */
export function differences(one: Definitions, other: Definitions): readonly string[] {
  const owners = new Set([...one.keys(), ...other.keys()]);
  return [...owners].filter((owner) => one.get(owner) !== other.get(owner)).toSorted();
}
