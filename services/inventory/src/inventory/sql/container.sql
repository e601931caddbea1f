-- Containers: what is in the freezers.

-- name: page
select id, represent(container)::text
from container
where id > %(after)s
    and (%(freezer_id)s::integer is null or freezer_id = %(freezer_id)s)
order by id
limit %(rows)s

-- name: get
select version, represent(container)::text from container where id = %(id)s

-- name: create
-- No row comes back if somebody else took the id at the same moment.
insert into container (uuid, description, freezer_id)
select coalesce(p.uuid, gen_random_uuid()), coalesce(p.description, ''), p.freezer_id
from jsonb_populate_record(null::container, %(fields)s::jsonb) as p
on conflict (id) do nothing
returning id, version, represent(container)::text

-- name: patch
update container
set (uuid, description, freezer_id) = (
    select p.uuid, p.description, p.freezer_id
    from jsonb_populate_record(container, %(fields)s::jsonb) as p
)
where id = %(id)s and (%(versions)s::bigint[] is null or version = any (%(versions)s::bigint[]))
returning version, represent(container)::text

-- name: delete
delete from container
where id = %(id)s and (%(versions)s::bigint[] is null or version = any (%(versions)s::bigint[]))
returning id

-- name: legacy_list
select coalesce(json_agg(legacy(slice.container) order by (slice.container).id), '[]')::text
from (select container from container order by id offset %(offset)s limit %(limit)s) as slice

-- name: legacy_get
select legacy(container)::text from container where id = %(id)s

-- name: legacy_put
-- A new row is based on the present one, so that a part is enough for what is there already.
with present as (select container as row from container where id = %(id)s for no key update)
insert into container (id, uuid, description, freezer_id)
select %(id)s, coalesce(p.uuid, gen_random_uuid()), coalesce(p.description, ''), p.freezer_id
from jsonb_populate_record((select row from present), %(fields)s::jsonb) as p
on conflict (id) do update
set (uuid, description, freezer_id) = (
    select p.uuid, p.description, p.freezer_id
    from jsonb_populate_record(container, %(fields)s::jsonb) as p
)
returning legacy(container)::text

-- name: legacy_delete
delete from container where id = %(id)s returning legacy(container)::text
