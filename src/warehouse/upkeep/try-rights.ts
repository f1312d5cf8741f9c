import { sql } from 'drizzle-orm';
import type { Transaction } from '../connection/transaction.ts';

/** What a cycle does with each of the tables, and with the view whose lock it holds. */
const needed: Readonly<Record<string, readonly ('select' | 'insert' | 'update' | 'delete' | 'lock')[]>> = {
  schema_migrations: ['select'],
  monitors: ['select', 'insert', 'update'],
  monitor_runs: ['select', 'insert', 'update'],
  monitor_run_outputs: ['select', 'insert', 'update'],
  monitor_run_results: ['select', 'insert', 'update', 'delete'],
  monitor_run_status_changes: ['select', 'insert'],
  monitor_run_summaries: ['select', 'insert', 'update'],
  monitor_changes: ['insert'],
  monitor_schedules: ['select', 'insert', 'update'],
  missed_runs: ['select', 'insert', 'update', 'delete'],
  sync_checkpoints: ['select', 'insert', 'update'],
  sync_cycles: ['select', 'insert', 'update', 'delete'],
  sync_cycle_sources: ['insert'],
  sync_sources: ['select', 'insert', 'update'],
  sync_accounts: ['select', 'insert', 'update'],
  sync_incidents: ['select', 'insert', 'update', 'delete'],
  sync_lock: ['lock'],
  rejected_runs: ['select', 'insert', 'update', 'delete'],
};

export interface TriedRights {
  /** Such as `insert on monitor_runs`. */
  readonly missing: readonly string[];
  /** Whether the server refuses every write: it is a standby, or transactions are read-only by default. */
  readonly isReadOnly: boolean;
  /** Tables of which row-level security shows this user a part only, or none. */
  readonly hidden: readonly string[];
}

/**
 * Does everything that a cycle does, to no row, and takes it back: what a catalog says of rights is not all that a server looks at. The
 * outcome travels in a setting of the transaction, since a block of code returns nothing.
 */
export async function tryRights(tx: Transaction): Promise<TriedRights> {
  const wanted = Object.entries(needed).flatMap(([table, rights]) =>
    rights.map((right) => ({ table, right })),
  );
  const input = `'${JSON.stringify(wanted)}'`;
  await tx.execute(
    sql.raw(`do $try$
declare
  wanted record;
  missing jsonb := '[]';
  read_only boolean := false;
  first_column text;
begin
  for wanted in select "table", "right" from json_to_recordset(${input}::json) as wanted ("table" text, "right" text) loop
    continue when to_regclass(wanted."table") is null;
    select quote_ident(attname) into first_column from pg_attribute
    where attrelid = to_regclass(wanted."table") and attnum > 0 and not attisdropped order by attnum limit 1;
    begin
      execute case wanted."right"
        when 'select' then format('select from %I limit 0', wanted."table")
        when 'insert' then format('insert into %1$I (%2$s) select null where false', wanted."table", first_column)
        when 'update' then format('update %1$I set %2$s = null where false', wanted."table", first_column)
        when 'delete' then format('delete from %I where false', wanted."table")
        when 'lock' then format('lock table %I in share row exclusive mode nowait', wanted."table")
      end;
      -- Undoes it, so that no cycle meets the lock.
      raise sqlstate 'EXA02';
    exception
      when sqlstate 'EXA02' then null;
      -- A cycle has it: the right to it is looked at before.
      when lock_not_available then null;
      when insufficient_privilege then missing := missing || to_jsonb(wanted."right" || ' on ' || wanted."table");
      when read_only_sql_transaction then read_only := true;
    end;
  end loop;
  perform set_config('exa_monitor_sync.tried', json_build_object('missing', missing, 'read_only', read_only)::text, true);
end
$try$`),
  );
  const [tried] = await tx.execute<{ missing: string[]; read_only: boolean }>(sql`
    select found -> 'missing' as missing, (found ->> 'read_only')::boolean as read_only
    from (select current_setting('exa_monitor_sync.tried')::jsonb as found) tried`);
  const [numbers] = await tx.execute<{ missing: boolean }>(sql`
    select not has_sequence_privilege(to_regclass('sync_cycles_id_seq'), 'update') as missing`);
  const hidden = await tx.execute<{ table: string }>(sql`
    select name as table from json_array_elements_text(${JSON.stringify(Object.keys(needed))}::json) name
    where row_security_active(to_regclass(name))`);
  return {
    missing: [
      ...(tried?.missing ?? []),
      ...(numbers?.missing === true ? ['update on sequence sync_cycles_id_seq'] : []),
    ],
    isReadOnly: tried?.read_only ?? false,
    hidden: hidden.map(({ table }) => table),
  };
}
