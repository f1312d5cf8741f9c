import { expect, it } from 'vitest';
import { relationNames, triggerNames } from '../../src/warehouse/upkeep/relations.ts';
import { createTestDatabase } from '../postgres/database.ts';

it('the list of tables and views holds all that the migrations make, and each is described, with the columns of views', async () => {
  const { sql } = await createTestDatabase();
  const relations = await sql<{ name: string; described: boolean; undescribed: string[] | null }[]>`
    select relname as name, obj_description(oid, 'pg_class') is not null as described,
      (select array_agg(attname::text) from pg_attribute
        where attrelid = relation.oid and attnum > 0 and relkind = 'v' and col_description(attrelid, attnum) is null
      ) as undescribed
    from pg_class relation
    where relkind in ('r', 'v') and relnamespace = 'public'::regnamespace
      and relname not in ('schema_migrations', 'sync_lock')
    order by relname`;
  expect(relations).toEqual(
    relationNames.toSorted().map((name) => ({ name, described: true, undescribed: null })),
  );
});

it('the list of triggers holds all that the migrations make', async () => {
  const { sql } = await createTestDatabase();
  const triggers = await sql<
    { name: string }[]
  >`select tgname as name from pg_trigger where not tgisinternal order by 1`;
  expect(triggers.map(({ name }) => name)).toEqual(triggerNames);
});
