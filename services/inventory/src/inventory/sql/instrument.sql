-- Instruments: every computer and freezer with its site.

-- name: page
select json_build_array(site_id, rank, id), represent(instrument)::text
from instrument
where (site_id, rank, id) > ((%(after)s::integer[])[1], (%(after)s::integer[])[2], (%(after)s::integer[])[3])
order by site_id, rank, id
limit %(rows)s

-- name: legacy_list
select coalesce(json_agg(represent(instrument) order by site_id, rank, id), '[]')::text from instrument
