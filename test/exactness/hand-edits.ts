import type { Sql } from 'postgres';
import type { Edit } from './scenario.ts';

/** Does to the tables what somebody may do by hand. @returns whose rows of runs are gone: a monitor's, or all. */
export async function editByHand(
  sql: Sql,
  { kind, monitor }: Edit,
): Promise<{ readonly monitorId: string | null } | null> {
  switch (kind) {
    case 'bookkeeping truncated':
      await sql`truncate sync_cycles restart identity`;
      return null;
    case 'sequence rewound':
      await sql`alter sequence sync_cycles_id_seq restart`;
      return null;
    case 'runs truncated':
      // Without the way that its runs have gone the history of none is whole.
      await sql`truncate monitor_runs, monitor_run_status_changes`;
      return { monitorId: null };
    case 'rows of a monitor deleted':
    case 'rows deleted with triggers off': {
      const monitorIds = await sql<{ id: string }[]>`select id from monitors order by id`;
      const monitorId = monitorIds[monitor % Math.max(1, monitorIds.length)]?.id ?? '';
      await sql.begin(async (tx) => {
        const isOff = kind === 'rows deleted with triggers off';
        if (isOff) await tx`alter table monitor_runs disable trigger user`;
        await tx`delete from monitor_runs where monitor_id = ${monitorId}`;
        await tx`delete from monitor_run_status_changes where monitor_id = ${monitorId}`;
        if (isOff) await tx`alter table monitor_runs enable trigger user`;
      });
      return { monitorId };
    }
  }
}

/** Every table but those that make the warehouse one. */
export async function emptyTables(sql: Sql): Promise<void> {
  const tables = await sql<{ name: string }[]>`
    select tablename as name from pg_tables
    where schemaname = 'public' and tablename not in ('sync_lock', 'sync_sources') and tablename not like '%migration%'`;
  // Deleting the few rows takes a fraction of the time of a truncate, which makes new files.
  await sql.unsafe(tables.map(({ name }) => `delete from ${name};`).join('\n'));
  await sql.unsafe(`delete from sync_sources where id <> 1; alter sequence sync_cycles_id_seq restart`);
}
