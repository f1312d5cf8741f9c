-- Runs within the last days, today included, out of the sums of a summary.
create or replace function runs_within(days integer, sums integer[], newest_day date) returns integer
language sql stable parallel safe
return coalesce(sums[least(days - (utc_day(now()) - newest_day), 92)], 0);

comment on function runs_within(integer, integer[], date) is 'Runs of a summary within the last so many UTC days, today included.';
