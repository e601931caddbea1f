-- Instruments: all computers and freezers, each with its site.

-- fragment: json
json_build_object(
    'computer_id', instrument.computer_id, 'freezer_id', instrument.freezer_id, 'name', instrument.name,
    'site_id', instrument.site_id, 'site_name', instrument.site_name
)

-- fragment: following_position
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

-- sort: site
site_id
rank
id

-- sort: name
-- The first characters in lower case, so that a position is short.
lower(left(name, 50))
rank
id

-- condition: q
concat_ws(' ', name, site_name) ~ all (%(q)s)

-- condition: site_id
site_id = %(site_id)s

-- condition: kind
rank = case %(kind)s when 'computer' then 1 else 2 end

-- list: page_of_all
-- A page of all instruments in the order of sites, from the indexes of both tables.
select json_build_array(site_id, rank, id), {json}::text
from ({following_position}) as instrument
order by site_id, rank, id

-- list: page
select {position}, {json}::text
from inventory.instrument
where {following} and {conditions}
order by {order}
limit %(rows)s

-- list: count
select count(*) from inventory.instrument where {conditions}

-- name: list
-- One chunk of the complete list: number of rows, last position, JSON.
select count(*), max(array[site_id, rank, id]), string_agg({json}::text, ', ' order by site_id, rank, id)
from ({following_position}) as instrument
