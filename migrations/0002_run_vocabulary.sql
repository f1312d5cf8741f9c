-- The words of the views, each defined once. A body in the form of RETURN is bound to the objects that it names when it
-- is created, so a reader's search_path does not matter, and the planner can still put it in place of the call.

create function utc_day(instant timestamptz) returns date
language sql immutable parallel safe
return (instant at time zone 'UTC')::date;
--> statement-breakpoint
comment on function utc_day(timestamptz) is 'The day in UTC that an instant lies in.';
--> statement-breakpoint
create function is_final(status text) returns boolean
language sql immutable parallel safe
return status in ('completed', 'failed', 'canceled');
--> statement-breakpoint
comment on function is_final(text) is
  'Whether a run of this status can no longer change. A status that this version does not know counts as open.';
--> statement-breakpoint
create function failure_rate(failed double precision, completed double precision) returns double precision
language sql immutable parallel safe
return failed / nullif(failed + completed, 0);
--> statement-breakpoint
comment on function failure_rate(double precision, double precision) is
  'Failed runs among those that failed or completed, 0 to 1; null when there are none. Canceled and open runs count on neither side.';
--> statement-breakpoint
-- Each step takes out what differs between two occurrences of one failure; the order matters (a URL holds ids, an id
-- holds numbers). Only the beginning counts: a reason may be a megabyte long.
create function failure_reason_pattern(reason text) returns text
language sql immutable parallel safe
return coalesce(nullif(btrim(
  regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
    left(reason, 500),
    '[A-Za-z][A-Za-z0-9+.-]*://[^ \t\r\n"''<>)\]]+', '<url>', 'g'),
    '"[^"]*"|`[^`]*`', '<text>', 'g'),
    '(^|[ (\[=:,])''[^'']*''', '\1<text>', 'g'),
    '[0-9A-Za-z_-]*[0-9][0-9A-Za-z_-]{7,}|[0-9A-Za-z_-]{7,}[0-9][0-9A-Za-z_-]*', '<id>', 'g'),
    '[0-9]+([.,:][0-9]+)*', '<n>', 'g'),
    '[ \t\r\n]+', ' ', 'g')
), ''), '(none)');
--> statement-breakpoint
comment on function failure_reason_pattern(text) is
  'What a failure reason has in common with others of its kind: its first 500 characters with URLs, quoted texts, ids (letters, digits, _ and - in a row, with a digit that has seven or more of them before or after it) and numbers replaced by <url>, <text>, <id> and <n>, and white space made single; (none) when there is no text.';
