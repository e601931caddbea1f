-- Instruments: all computers and freezers, each with its site.

-- fragment: json
json_build_object(
    'computer_id', instrument.computer_id, 'freezer_id', instrument.freezer_id, 'name', instrument.name,
    'site_id', instrument.site_id, 'site_name', instrument.site_name
)

-- fragment: following
-- The next instruments after a position (site, rank, id). Up to `rows` rows are read from each table, by its index.
select
    computer.site_id, 1 as rank, computer.id,
    computer.id as computer_id, null::integer as freezer_id, computer.name, site.name as site_name
from (
    select *
    from inventory.computer
    where (site_id, id) > (
        (%(after)s::integer[])[1],
        case (%(after)s::integer[])[2] when 0 then 0 when 1 then (%(after)s::integer[])[3] else 2147483647 end
    )
    order by site_id, id
    limit %(rows)s
) as computer
join inventory.site on site.id = computer.site_id
union all
select
    freezer.site_id, 2 as rank, freezer.id,
    null::integer as computer_id, freezer.id as freezer_id, freezer.name, site.name as site_name
from (
    select *
    from inventory.freezer
    where (site_id, id) > (
        (%(after)s::integer[])[1], case (%(after)s::integer[])[2] when 2 then (%(after)s::integer[])[3] else 0 end
    )
    order by site_id, id
    limit %(rows)s
) as freezer
join inventory.site on site.id = freezer.site_id
order by site_id, rank, id
limit %(rows)s

-- name: page
select json_build_array(site_id, rank, id), {json}::text
from ({following}) as instrument
order by site_id, rank, id

-- name: list
-- One chunk of the complete list: number of rows, last position, JSON.
select count(*), max(array[site_id, rank, id]), string_agg({json}::text, ', ' order by site_id, rank, id)
from ({following}) as instrument
