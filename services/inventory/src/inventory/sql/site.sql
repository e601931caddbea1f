-- Sites: where things stand.

-- name: page
select id, represent(site)::text
from site
where id > %(after)s
order by id
limit %(rows)s

-- name: get
select version, represent(site)::text from site where id = %(id)s

-- name: create
-- No row comes back if somebody else took the id at the same moment.
insert into site (name, contact, address, state_or_region, country, postcode_or_zip)
select p.name, p.contact, p.address, p.state_or_region, p.country, p.postcode_or_zip
from jsonb_populate_record(null::site, %(fields)s::jsonb) as p
on conflict (id) do nothing
returning id, version, represent(site)::text

-- name: patch
update site
set (name, contact, address, state_or_region, country, postcode_or_zip) = (
    select p.name, p.contact, p.address, p.state_or_region, p.country, p.postcode_or_zip
    from jsonb_populate_record(site, %(fields)s::jsonb) as p
)
where id = %(id)s and (%(versions)s::bigint[] is null or version = any (%(versions)s::bigint[]))
returning version, represent(site)::text

-- name: delete
delete from site
where id = %(id)s and (%(versions)s::bigint[] is null or version = any (%(versions)s::bigint[]))
returning id

-- name: legacy_list
select coalesce(json_agg(legacy(slice.site) order by (slice.site).id), '[]')::text
from (select site from site order by id offset %(offset)s limit %(limit)s) as slice

-- name: legacy_get
select legacy(site)::text from site where id = %(id)s

-- name: legacy_put
-- A new row is based on the present one, so that a part is enough for what is there already.
with present as (select site as row from site where id = %(id)s for no key update)
insert into site (id, name, contact, address, state_or_region, country, postcode_or_zip)
select %(id)s, p.name, p.contact, p.address, p.state_or_region, p.country, p.postcode_or_zip
from jsonb_populate_record((select row from present), %(fields)s::jsonb) as p
on conflict (id) do update
set (name, contact, address, state_or_region, country, postcode_or_zip) = (
    select p.name, p.contact, p.address, p.state_or_region, p.country, p.postcode_or_zip
    from jsonb_populate_record(site, %(fields)s::jsonb) as p
)
returning legacy(site)::text

-- name: legacy_delete
delete from site where id = %(id)s returning legacy(site)::text
