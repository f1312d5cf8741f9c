import postgres from 'postgres';
import { expect, onTestFinished, test } from 'vitest';
import { createTestDatabase } from '../postgres/database.ts';
import { readText } from './files.ts';

test('the role that the compose file makes reads what is created later, and writes nothing', async () => {
  const { sql, name, url } = await createTestDatabase('empty');
  // Roles belong to the whole server, so this one gets a name of its own; psql would put the password in.
  const role = `bi_${name}`;
  const script = (await readText('docs/deploy/compose/bi-role.sql'))
    .replace(/^\\getenv.*$/m, '')
    .replaceAll(":'bi_password'", "'pw'")
    .replaceAll(/\bbi\b/g, role);
  onTestFinished(async () => {
    await sql.unsafe(`drop owned by ${role}; drop role ${role}`);
  });
  await sql.unsafe(script);
  await sql`create table monitor_runs (id text)`;
  await sql`create view runs as select * from monitor_runs`;

  const biUrl = new URL(url);
  biUrl.username = role;
  biUrl.password = 'pw';
  const bi = postgres(biUrl.href, { max: 1 });
  onTestFinished(() => bi.end());
  expect(await bi`select * from runs, monitor_runs`).toEqual([]);
  await expect(bi`insert into monitor_runs values ('x')`).rejects.toThrow('read-only transaction');
  await bi`set default_transaction_read_only = off`;
  await expect(bi`insert into monitor_runs values ('x')`).rejects.toThrow('permission denied');
});
