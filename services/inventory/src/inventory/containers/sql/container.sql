-- Containers: what is in the freezers.

-- fragment: representation
-- How it is answered under /v1.
json_build_object(
    'id', container.id, 'uuid', container.uuid, 'description', container.description,
    'freezer_id', container.freezer_id,
    'created_at', to_char(container.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'updated_at', to_char(container.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
)

-- fragment: legacy
-- How it is answered at its original path.
json_build_object(
    'id', container.id, 'uuid', container.uuid, 'description', container.description,
    'freezer_id', container.freezer_id
)

-- fragment: before
-- How many bytes of text the rows before this one hold: their JSON is longer than that.
coalesce(
    sum(octet_length(description))
        over (order by id rows between unbounded preceding and 1 preceding),
    0
)

-- name: page
-- Cut once the JSON is longer than `bytes`.
select id, {representation}::text
from (
    select *, {before} as before
    from inventory.container
    where id > %(after)s
        and (%(freezer_id)s::integer is null or freezer_id = %(freezer_id)s)
    order by id
    limit %(rows)s
) as container
where before < %(bytes)s
order by id

-- name: get
select version, {representation}::text from inventory.container where id = %(id)s

-- name: create
-- No row comes back if somebody else took the id at the same moment.
insert into inventory.container (uuid, description, freezer_id)
select coalesce(p.uuid, gen_random_uuid()), coalesce(p.description, ''), p.freezer_id
from jsonb_populate_record(null::inventory.container, %(fields)s::jsonb) as p
on conflict (id) do nothing
returning id, version, {representation}::text

-- name: patch
update inventory.container
set (uuid, description, freezer_id) = (
    select p.uuid, p.description, p.freezer_id
    from jsonb_populate_record(container, %(fields)s::jsonb) as p
)
where id = %(id)s and (%(versions)s::bigint[] is null or version = any (%(versions)s::bigint[]))
returning version, {representation}::text

-- name: delete
delete from inventory.container
where id = %(id)s and (%(versions)s::bigint[] is null or version = any (%(versions)s::bigint[]))
returning id

-- name: legacy_list
-- One chunk of the list: how many, the last id, and their JSON; cut once that is longer than `bytes`.
select count(*), max(id), string_agg({legacy}::text, ', ' order by id)
from (
    select *, {before} as before
    from (
        select * from inventory.container where id > %(after)s order by id offset %(offset)s limit %(rows)s
    ) as slice
) as container
where before < %(bytes)s

-- name: legacy_get
select {legacy}::text from inventory.container where id = %(id)s

-- name: legacy_put
-- A new row is based on the present one, so that a part is enough for what is there already.
with present as (select container as row from inventory.container where id = %(id)s for no key update)
insert into inventory.container (id, uuid, description, freezer_id)
select %(id)s, coalesce(p.uuid, gen_random_uuid()), coalesce(p.description, ''), p.freezer_id
from jsonb_populate_record((select row from present), %(fields)s::jsonb) as p
on conflict (id) do update
set (uuid, description, freezer_id) = (
    select p.uuid, p.description, p.freezer_id
    from jsonb_populate_record(container, %(fields)s::jsonb) as p
)
returning {legacy}::text

-- name: legacy_delete
delete from inventory.container where id = %(id)s returning {legacy}::text
