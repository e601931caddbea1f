-- Freezers: instruments that hold containers.

-- fragment: representation
-- How it is answered under /v1.
json_build_object(
    'id', freezer.id, 'name', freezer.name, 'site_id', freezer.site_id,
    'created_at', to_char(freezer.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'updated_at', to_char(freezer.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
)

-- fragment: legacy
-- How it is answered at its original path.
json_build_object(
    'id', freezer.id, 'name', freezer.name, 'site_id', freezer.site_id
)

-- name: page
select id, {representation}::text
from inventory.freezer
where id > %(after)s
    and (%(site_id)s::integer is null or site_id = %(site_id)s)
order by id
limit %(rows)s

-- name: get
select version, {representation}::text from inventory.freezer where id = %(id)s

-- name: create
-- No row comes back if somebody else took the id at the same moment.
insert into inventory.freezer (name, site_id)
select p.name, p.site_id
from jsonb_populate_record(null::inventory.freezer, %(fields)s::jsonb) as p
on conflict (id) do nothing
returning id, version, {representation}::text

-- name: patch
update inventory.freezer
set (name, site_id) = (
    select p.name, p.site_id
    from jsonb_populate_record(freezer, %(fields)s::jsonb) as p
)
where id = %(id)s and (%(versions)s::bigint[] is null or version = any (%(versions)s::bigint[]))
returning version, {representation}::text

-- name: delete
delete from inventory.freezer
where id = %(id)s and (%(versions)s::bigint[] is null or version = any (%(versions)s::bigint[]))
returning id

-- name: legacy_list
-- One chunk of the list: how many, the last id, and their JSON.
select count(*), max(id), string_agg({legacy}::text, ', ' order by id)
from (select * from inventory.freezer where id > %(after)s order by id offset %(offset)s limit %(rows)s) as freezer

-- name: legacy_get
select {legacy}::text from inventory.freezer where id = %(id)s

-- name: legacy_put
-- A new row is based on the present one, so that a part is enough for what is there already.
with present as (select freezer as row from inventory.freezer where id = %(id)s for no key update)
insert into inventory.freezer (id, name, site_id)
select %(id)s, p.name, p.site_id
from jsonb_populate_record((select row from present), %(fields)s::jsonb) as p
on conflict (id) do update
set (name, site_id) = (
    select p.name, p.site_id
    from jsonb_populate_record(freezer, %(fields)s::jsonb) as p
)
returning {legacy}::text

-- name: legacy_delete
delete from inventory.freezer where id = %(id)s returning {legacy}::text
