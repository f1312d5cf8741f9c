-- Runs once, when Postgres makes its data: a role for BI tools that reads whatever the sync will create.
\getenv bi_password BI_PASSWORD
create role bi login password :'bi_password';
-- A second net, and a bound for runaway queries of dashboards.
alter role bi set default_transaction_read_only = on;
alter role bi set statement_timeout = '60s';
grant usage on schema public to bi;
alter default privileges in schema public grant select on tables to bi;
