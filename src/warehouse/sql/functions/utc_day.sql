create or replace function utc_day(instant timestamptz) returns date
language sql immutable parallel safe
return (instant at time zone 'UTC')::date;

comment on function utc_day(timestamptz) is 'The day in UTC that an instant lies in.';
