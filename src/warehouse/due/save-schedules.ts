import { sql } from 'drizzle-orm';
import type { JudgedSchedule } from '../../sync/due/due-store.ts';
import type { Transaction } from '../connection/transaction.ts';
import { insertRecords } from '../runs/record-set.ts';
import { monitorSchedules } from '../watch-schema.ts';

export async function saveSchedules(tx: Transaction, judged: readonly JudgedSchedule[]): Promise<void> {
  const others: object[] = [];
  const advanced: object[] = [];
  for (const { monitorId, nextDueAt, changed } of judged) {
    if (changed === null) advanced.push({ monitorId, nextDueAt });
    else others.push({ monitorId, nextDueAt, ...changed });
  }
  if (others.length > 0)
    await tx.execute(insertRecords(monitorSchedules, others, monitorSchedules.monitorId));
  if (advanced.length === 0) return;
  await tx.execute(sql`
    update monitor_schedules set next_due_at = advanced."nextDueAt"
    from json_to_recordset(${JSON.stringify(advanced)}::json) as advanced ("monitorId" text, "nextDueAt" timestamptz)
    where monitor_id = advanced."monitorId"`);
}
