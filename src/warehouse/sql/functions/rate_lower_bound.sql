-- Wilson's interval at z = 2.326, multiplied out: unlike failed / all it says little where little is known. One expression
-- without a query inside, so that the planner puts it in place of the call.
create or replace function rate_lower_bound(failed double precision, completed double precision) returns double precision
language sql immutable parallel safe
return (failed + 2.705138 - 2.326 * sqrt(failed * completed / nullif(failed + completed, 0) + 1.352569))
  / (failed + completed + 5.410276);

comment on function rate_lower_bound(double precision, double precision) is 'What a failure rate is at least, with 99 % certainty, given so many failed and completed runs; null without any.';
