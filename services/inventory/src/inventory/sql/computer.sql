-- Computers: instruments with a MAC address.

-- name: page
select id, represent(computer)::text
from computer
where id > %(after)s
    and (%(site_id)s::integer is null or site_id = %(site_id)s)
order by id
limit %(rows)s

-- name: get
select version, represent(computer)::text from computer where id = %(id)s

-- name: create
-- No row comes back if somebody else took the id at the same moment.
insert into computer (name, mac, site_id)
select p.name, p.mac, p.site_id
from jsonb_populate_record(null::computer, %(fields)s::jsonb) as p
on conflict (id) do nothing
returning id, version, represent(computer)::text

-- name: patch
update computer
set (name, mac, site_id) = (
    select p.name, p.mac, p.site_id
    from jsonb_populate_record(computer, %(fields)s::jsonb) as p
)
where id = %(id)s and (%(versions)s::bigint[] is null or version = any (%(versions)s::bigint[]))
returning version, represent(computer)::text

-- name: delete
delete from computer
where id = %(id)s and (%(versions)s::bigint[] is null or version = any (%(versions)s::bigint[]))
returning id

-- name: legacy_list
select coalesce(json_agg(legacy(slice.computer) order by (slice.computer).id), '[]')::text
from (select computer from computer order by id offset %(offset)s limit %(limit)s) as slice

-- name: legacy_get
select legacy(computer)::text from computer where id = %(id)s

-- name: legacy_put
-- A new row is based on the present one, so that a part is enough for what is there already.
with present as (select computer as row from computer where id = %(id)s for no key update)
insert into computer (id, name, mac, site_id)
select %(id)s, p.name, p.mac, p.site_id
from jsonb_populate_record((select row from present), %(fields)s::jsonb) as p
on conflict (id) do update
set (name, mac, site_id) = (
    select p.name, p.mac, p.site_id
    from jsonb_populate_record(computer, %(fields)s::jsonb) as p
)
returning legacy(computer)::text

-- name: legacy_delete
delete from computer where id = %(id)s returning legacy(computer)::text
