import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import postgres from 'postgres';
import { serveMeasured } from './measure.ts';

export interface CopyOptions {
  /** Its `monitor_runs` are read before the measurement. */
  readonly sourceUrl: string;
  readonly databaseUrl: string;
}

/** The database's floor: rows that are at hand as text go into the empty table, indexes and all, by one COPY. */
serveMeasured<CopyOptions>(process, async ({ sourceUrl, databaseUrl }) => {
  const source = postgres(sourceUrl, { max: 1 });
  const columns = await source<{ name: string }[]>`
    select attname as name from pg_attribute
    where attrelid = 'monitor_runs'::regclass and attnum > 0 and not attisdropped and attgenerated = ''`;
  const names = columns.map(({ name }) => name).join(', ');
  const chunks: Uint8Array[] = [];
  const out = await source.unsafe(`copy monitor_runs (${names}) to stdout`).readable();
  for await (const chunk of out) chunks.push(new Uint8Array(chunk));
  await source.end();
  const target = postgres(databaseUrl, { max: 1 });
  await target`select 1`;
  return async () => {
    const into = await target.unsafe(`copy monitor_runs (${names}) from stdin`).writable();
    for (const chunk of batches(chunks)) {
      if (!into.write(chunk)) await once(into, 'drain');
    }
    into.end();
    await finished(into);
    await target.end();
    return [];
  };
});

/** Postgres sends a row a message: written back one by one they would cost the client more than the server. */
function* batches(chunks: readonly Uint8Array[]): Generator<Buffer, void, undefined> {
  const rowsAtOnce = 500;
  for (let index = 0; index < chunks.length; index += rowsAtOnce) {
    yield Buffer.concat(chunks.slice(index, index + rowsAtOnce));
  }
}
