-- Instruments: every computer and freezer with its site.

-- fragment: representation
json_build_object(
    'computer_id', instrument.computer_id, 'freezer_id', instrument.freezer_id, 'name', instrument.name,
    'site_id', instrument.site_id, 'site_name', instrument.site_name
)

-- name: page
select json_build_array(site_id, rank, id), {representation}::text
from inventory.instrument
where (site_id, rank, id) > ((%(after)s::integer[])[1], (%(after)s::integer[])[2], (%(after)s::integer[])[3])
order by site_id, rank, id
limit %(rows)s

-- name: legacy_list
select coalesce(json_agg({representation} order by site_id, rank, id), '[]')::text from inventory.instrument
