import * as fc from 'fast-check';
import type { Sql } from 'postgres';
import { expect, it } from 'vitest';
import { createFrozenWarehouse } from './cookbook-data.ts';

const hourMs = 3_600_000;
const startMs = Date.UTC(2026, 2, 27);

interface State {
  readonly name: string | null;
  readonly cron: string;
  readonly query: string;
  readonly isEnabled: boolean;
}

/** What a cycle sees of the monitor some hours after the one before, and how long ago its record says that it changed. */
interface Look {
  readonly afterHours: number;
  readonly state: State;
  readonly toldHoursAgo: number | null;
}

const state: fc.Arbitrary<State> = fc.record({
  name: fc.constantFrom('Jobs', null),
  cron: fc.constantFrom('0 6 * * *', '30 6 * * 1-5'),
  query: fc.constantFrom('jobs', 'new jobs', 'robots'),
  isEnabled: fc.constantFrom(true, true, false),
});
const look: fc.Arbitrary<Look> = fc.record({
  afterHours: fc.integer({ min: 2, max: 60 }),
  state,
  toldHoursAgo: fc.option(fc.constantFrom(0, 1)),
});
const scenario = fc.record({
  first: state,
  looks: fc.array(look, { maxLength: 8 }),
  runsAfterHours: fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 8 }),
});

const text = (ms: number): string => new Date(ms).toISOString();

async function setNow(sql: Sql, ms: number): Promise<void> {
  await sql.unsafe(
    `create or replace function public.now() returns timestamptz language sql stable as $$ select '${text(ms)}'::timestamptz $$`,
  );
}

async function see(sql: Sql, { name, cron, query, isEnabled }: State, updatedMs: number): Promise<void> {
  await sql`insert into monitors (id, name, status, cadence_cron, behavior, metadata, created_at, updated_at, next_run_at)
    values ('m', ${name}, ${isEnabled ? 'enabled' : 'disabled'}, ${cron}, ${sql.json({ config: { query } })}, '{}',
      ${text(startMs)}, ${text(updatedMs)}, now())
    on conflict (id) do update set name = excluded.name, status = excluded.status, cadence_cron = excluded.cadence_cron,
      behavior = excluded.behavior, updated_at = excluded.updated_at, next_run_at = excluded.next_run_at`;
}

const namesOf = { name: 'name', cron: 'cadence_cron', query: 'behavior', isEnabled: 'status' } as const;

function changedFields(from: State, to: State): string[] {
  const fields = ['name', 'cron', 'query', 'isEnabled'] as const;
  return fields.filter((field) => from[field] !== to[field]).map((field) => namesOf[field]);
}

it('a run stands beside the configuration that it ran with, whenever that has changed since', async () => {
  const sql = await createFrozenWarehouse();
  let changesSeen = 0;
  await fc.assert(
    fc.asyncProperty(scenario, async ({ first, looks, runsAfterHours }) => {
      await sql`truncate monitors, monitor_runs, monitor_changes`;
      let [atMs, updatedMs] = [startMs, startMs];
      await setNow(sql, atMs);
      await see(sql, first, updatedMs);
      // Since when it has stood so: as told, or as seen.
      const stood = [{ sinceMs: startMs, state: first, changed: [] as string[] }];
      for (const { afterHours, state: next, toldHoursAgo } of looks) {
        atMs += afterHours * hourMs;
        const before = stood.at(-1)?.state ?? first;
        const changed = changedFields(before, next);
        if (toldHoursAgo !== null && changed.length > 0) updatedMs = atMs - toldHoursAgo * hourMs;
        await setNow(sql, atMs);
        await see(sql, next, updatedMs);
        // A trigger takes no clock but the server's: what changed "now" changed at this moment of the history.
        await sql`update monitor_changes set changed_at = ${text(atMs)} where changed_at > pg_catalog.now() - interval '1 hour'`;
        if (changed.length > 0)
          stood.push({ sinceMs: toldHoursAgo === null ? atMs : updatedMs, state: next, changed });
      }
      for (const [index, hours] of runsAfterHours.entries()) {
        await sql`insert into monitor_runs (id, monitor_id, status, created_at, updated_at, failed_at, answer)
          values (${`r${index}`}, 'm', 'failed', ${text(startMs + hours * hourMs)}, now(), now(), 1)`;
      }
      const rows = await sql`
        select run_id, name, cadence_cron, query, monitor_status, last_change_at, last_changed_fields
        from monitor_run_configurations order by run_id`;
      const expected = runsAfterHours.map((hours, index) => {
        const then = stood.findLast(({ sinceMs }) => sinceMs <= startMs + hours * hourMs);
        const isChanged = (then?.changed.length ?? 0) > 0;
        changesSeen += isChanged ? 1 : 0;
        return {
          run_id: `r${index}`,
          name: then?.state.name,
          cadence_cron: then?.state.cron,
          query: then?.state.query,
          monitor_status: then?.state.isEnabled === true ? 'enabled' : 'disabled',
          last_change_at: isChanged ? new Date(then?.sinceMs ?? 0) : null,
          last_changed_fields: isChanged ? then?.changed.toSorted() : null,
        };
      });
      expect(rows.map((row) => ({ ...row }))).toEqual(expected);
      // The first failure began the one incident: it knows the same last change.
      const [incident] = await sql`select last_change_at, last_changed_fields from failure_incidents`;
      const earliest = Math.min(...runsAfterHours);
      expect(expected[runsAfterHours.indexOf(earliest)]).toMatchObject({ ...incident });
    }),
    { numRuns: 60 },
  );
  expect(changesSeen).toBeGreaterThan(50);
}, 60_000);
