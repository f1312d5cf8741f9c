import { sql } from 'drizzle-orm';
import type { Transaction } from '../connection/transaction.ts';

/**
 * Functions and operators in the schema of the tables that bear a name of Postgres' own and belong to somebody who is
 * not trusted with the warehouse anyway, such as `operator public.%(bigint,integer) of role mallory`.
 *
 * Where one fits the types better than what Postgres brings, it runs in place of that, with the rights of whoever runs
 * the statement. What extensions bring is theirs.
 */
export async function loadShadowingObjects(tx: Transaction): Promise<readonly string[]> {
  const rows = await tx.execute<{ object: string }>(sql`
    with named as (
      select 'pg_proc'::regclass as class, oid, proname::text as name, proowner as owner, pronamespace as schema,
        'function ' || oid::regprocedure::text as object
      from pg_proc
      union all
      select 'pg_operator'::regclass, oid, oprname::text, oprowner, oprnamespace, 'operator ' || oid::regoperator::text
      from pg_operator
    )
    select format('%s of role %s', object, rolname) as object
    from named
    join pg_namespace on pg_namespace.oid = named.schema
    join pg_roles on pg_roles.oid = named.owner
    where nspname = current_schema()
      and named.owner <> nspowner and not rolsuper and rolname <> current_user
      and exists (
        select from named own where own.class = named.class and own.name = named.name
          and own.schema = 'pg_catalog'::regnamespace
      )
      and not exists (
        select from pg_depend where classid = named.class and objid = named.oid and deptype = 'e'
      )
    order by object`);
  return rows.map(({ object }) => object);
}

/** Who else may create objects in the schema of the tables, in the words of SQL: roles, or `public` for everybody. */
export async function loadOtherCreators(tx: Transaction): Promise<readonly string[]> {
  const rows = await tx.execute<{ creator: string }>(sql`
    select distinct coalesce(quote_ident(rolname), 'public') as creator
    from pg_namespace
    cross join aclexplode(nspacl) granted
    left join pg_roles on pg_roles.oid = granted.grantee
    where nspname = current_schema() and granted.privilege_type = 'CREATE'
      and granted.grantee <> nspowner and rolsuper is not true and rolname is distinct from current_user
    order by creator`);
  return rows.map(({ creator }) => creator);
}
