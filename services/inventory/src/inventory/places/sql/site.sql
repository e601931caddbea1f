-- Sites.

-- fragment: columns
-- The columns that a client can set.
name, contact, address, state_or_region, country, postcode_or_zip

-- fragment: json
-- The response under /v1. Its text is a part of the ETag: changing it invalidates the ETags that clients have.
json_build_object(
    'id', site.id, 'name', site.name, 'contact', site.contact, 'address', site.address,
    'state_or_region', site.state_or_region, 'country', site.country,
    'postcode_or_zip', site.postcode_or_zip,
    'created_at', to_char(site.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'updated_at', to_char(site.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
)

-- fragment: before
-- Bytes of text in the rows before this one on the page; their JSON is longer than that.
coalesce(
    sum(octet_length(concat(name, contact, address, state_or_region, country, postcode_or_zip)))
        over (order by {order} rows between unbounded preceding and 1 preceding),
    0
)

-- fragment: expected
-- The row, if it is at one of the versions that If-Match names; null means any version.
id = %(id)s and (%(versions)s::bigint[] is null or version = any (%(versions)s::bigint[]))

-- sort: id
id

-- sort: name
-- The first characters in lower case, so that a position is short.
lower(left(name, 50))
id

-- sort: created_at
created_at
id

-- sort: updated_at
updated_at
id

-- condition: q
concat_ws(' ', name, contact, address, state_or_region, country, postcode_or_zip) ~ all (%(q)s)

-- list: page
-- Ends early when its JSON is longer than `bytes`.
select {position}, {json}::text
from (
    select *, {before} as before
    from inventory.site
    where {following} and {conditions}
    order by {order}
    limit %(rows)s
) as site
where before < %(bytes)s
order by {order}

-- list: count
select count(*) from inventory.site where {conditions}

-- name: get
select version, {json}::text from inventory.site where id = %(id)s

-- name: create
-- Returns no row if another transaction took the id at the same moment.
insert into inventory.site ({columns})
select {columns}
from jsonb_populate_record(null::inventory.site, %(fields)s::jsonb)
on conflict (id) do nothing
returning id, version, {json}::text

-- name: patch
-- A field that is absent from `fields` keeps its value.
update inventory.site
set ({columns}) = (select {columns} from jsonb_populate_record(site, %(fields)s::jsonb))
where {expected}
returning version, {json}::text

-- name: delete
delete from inventory.site where {expected} returning id
