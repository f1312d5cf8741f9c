create or replace view pages_of_several_monitors as
select
  url,
  (array_agg(title order by last_found_at desc, monitor_id) filter (where title is not null))[1] as title,
  count(*)::integer as monitors,
  array_agg(monitor_id order by first_found_at, monitor_id) as monitor_ids,
  array_agg(monitor_name order by first_found_at, monitor_id) as monitor_names,
  min(first_found_at) as first_found_at,
  max(last_found_at) as last_found_at
from monitor_pages
group by url
having count(*) > 1;

comment on view pages_of_several_monitors is 'A page that two or more monitors found, of whichever account. Reads all results.';
comment on column pages_of_several_monitors.url is 'The address of the page.';
comment on column pages_of_several_monitors.title is 'Its title, as last found.';
comment on column pages_of_several_monitors.monitors is 'Distinct monitors that found it.';
comment on column pages_of_several_monitors.monitor_ids is 'These monitors, the one that found it first in front.';
comment on column pages_of_several_monitors.monitor_names is 'Their names, in the same order.';
comment on column pages_of_several_monitors.first_found_at is 'When the first run was created that found it.';
comment on column pages_of_several_monitors.last_found_at is 'When the last run was created that found it.';
