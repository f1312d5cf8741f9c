-- Wilson's interval: unlike failed / all it says little where little is known.
create or replace function rate_lower_bound(failed double precision, completed double precision) returns double precision
language sql immutable parallel safe
return (
  select (rate + z * z / (2 * runs) - z * sqrt((rate * (1 - rate) + z * z / (4 * runs)) / runs)) / (1 + z * z / runs)
  from (select nullif(failed + completed, 0) as runs, failed / nullif(failed + completed, 0) as rate, 2.326 as z) counted
);

comment on function rate_lower_bound(double precision, double precision) is 'What a failure rate is at least, with 99 % certainty, given so many failed and completed runs; null without any.';
