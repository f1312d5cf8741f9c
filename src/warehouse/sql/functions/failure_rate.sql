create or replace function failure_rate(failed double precision, completed double precision) returns double precision
language sql immutable parallel safe
return failed / nullif(failed + completed, 0);

comment on function failure_rate(double precision, double precision) is 'Failed runs among those that failed or completed, 0 to 1; null when there are none. Canceled and open runs count on neither side.';
