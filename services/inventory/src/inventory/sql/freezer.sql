-- Freezers: instruments that hold containers.

-- name: page
select id, represent(freezer)::text
from freezer
where id > %(after)s
    and (%(site_id)s::integer is null or site_id = %(site_id)s)
order by id
limit %(rows)s

-- name: get
select version, represent(freezer)::text from freezer where id = %(id)s

-- name: create
-- No row comes back if somebody else took the id at the same moment.
insert into freezer (name, site_id)
select p.name, p.site_id
from jsonb_populate_record(null::freezer, %(fields)s::jsonb) as p
on conflict (id) do nothing
returning id, version, represent(freezer)::text

-- name: patch
update freezer
set (name, site_id) = (
    select p.name, p.site_id
    from jsonb_populate_record(freezer, %(fields)s::jsonb) as p
)
where id = %(id)s and (%(versions)s::bigint[] is null or version = any (%(versions)s::bigint[]))
returning version, represent(freezer)::text

-- name: delete
delete from freezer
where id = %(id)s and (%(versions)s::bigint[] is null or version = any (%(versions)s::bigint[]))
returning id

-- name: legacy_list
select coalesce(json_agg(legacy(slice.freezer) order by (slice.freezer).id), '[]')::text
from (select freezer from freezer order by id offset %(offset)s limit %(limit)s) as slice

-- name: legacy_get
select legacy(freezer)::text from freezer where id = %(id)s

-- name: legacy_put
-- A new row is based on the present one, so that a part is enough for what is there already.
with present as (select freezer as row from freezer where id = %(id)s for no key update)
insert into freezer (id, name, site_id)
select %(id)s, p.name, p.site_id
from jsonb_populate_record((select row from present), %(fields)s::jsonb) as p
on conflict (id) do update
set (name, site_id) = (
    select p.name, p.site_id
    from jsonb_populate_record(freezer, %(fields)s::jsonb) as p
)
returning legacy(freezer)::text

-- name: legacy_delete
delete from freezer where id = %(id)s returning legacy(freezer)::text
