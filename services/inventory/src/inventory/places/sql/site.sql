-- Sites: where things stand.

-- fragment: representation
-- How it is answered under /v1.
json_build_object(
    'id', site.id, 'name', site.name, 'contact', site.contact, 'address', site.address,
    'state_or_region', site.state_or_region, 'country', site.country,
    'postcode_or_zip', site.postcode_or_zip,
    'created_at', to_char(site.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'updated_at', to_char(site.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
)

-- fragment: legacy
-- How it is answered at its original path.
json_build_object(
    'id', site.id, 'name', site.name, 'contact', site.contact, 'address', site.address,
    'state_or_region', site.state_or_region, 'country', site.country,
    'postcode_or_zip', site.postcode_or_zip
)

-- fragment: before
-- How many bytes of text the rows before this one hold: their JSON is longer than that.
coalesce(
    sum(octet_length(concat(name, contact, address, state_or_region, country, postcode_or_zip)))
        over (order by id rows between unbounded preceding and 1 preceding),
    0
)

-- name: page
-- Cut once the JSON is longer than `bytes`.
select id, {representation}::text
from (
    select *, {before} as before
    from inventory.site
    where id > %(after)s
    order by id
    limit %(rows)s
) as site
where before < %(bytes)s
order by id

-- name: get
select version, {representation}::text from inventory.site where id = %(id)s

-- name: create
-- No row comes back if somebody else took the id at the same moment.
insert into inventory.site (name, contact, address, state_or_region, country, postcode_or_zip)
select p.name, p.contact, p.address, p.state_or_region, p.country, p.postcode_or_zip
from jsonb_populate_record(null::inventory.site, %(fields)s::jsonb) as p
on conflict (id) do nothing
returning id, version, {representation}::text

-- name: patch
update inventory.site
set (name, contact, address, state_or_region, country, postcode_or_zip) = (
    select p.name, p.contact, p.address, p.state_or_region, p.country, p.postcode_or_zip
    from jsonb_populate_record(site, %(fields)s::jsonb) as p
)
where id = %(id)s and (%(versions)s::bigint[] is null or version = any (%(versions)s::bigint[]))
returning version, {representation}::text

-- name: delete
delete from inventory.site
where id = %(id)s and (%(versions)s::bigint[] is null or version = any (%(versions)s::bigint[]))
returning id

-- name: legacy_list
-- One chunk of the list: how many, the last id, and their JSON; cut once that is longer than `bytes`.
select count(*), max(id), string_agg({legacy}::text, ', ' order by id)
from (
    select *, {before} as before
    from (
        select * from inventory.site where id > %(after)s order by id offset %(offset)s limit %(rows)s
    ) as slice
) as site
where before < %(bytes)s

-- name: legacy_get
select {legacy}::text from inventory.site where id = %(id)s

-- name: legacy_put
-- A new row is based on the present one, so that a part is enough for what is there already.
with present as (select site as row from inventory.site where id = %(id)s for no key update)
insert into inventory.site (id, name, contact, address, state_or_region, country, postcode_or_zip)
select %(id)s, p.name, p.contact, p.address, p.state_or_region, p.country, p.postcode_or_zip
from jsonb_populate_record((select row from present), %(fields)s::jsonb) as p
on conflict (id) do update
set (name, contact, address, state_or_region, country, postcode_or_zip) = (
    select p.name, p.contact, p.address, p.state_or_region, p.country, p.postcode_or_zip
    from jsonb_populate_record(site, %(fields)s::jsonb) as p
)
returning {legacy}::text

-- name: legacy_delete
delete from inventory.site where id = %(id)s returning {legacy}::text
