-- Sites at the original paths. New columns of the table do not appear here.

-- fragment: columns
-- The columns that the original paths can set.
name, contact, address, state_or_region, country, postcode_or_zip

-- fragment: json
json_build_object(
    'id', site.id, 'name', site.name, 'contact', site.contact, 'address', site.address,
    'state_or_region', site.state_or_region, 'country', site.country,
    'postcode_or_zip', site.postcode_or_zip
)

-- fragment: before
-- Bytes of text in the rows before this one; their JSON is longer than that.
coalesce(
    sum(octet_length(concat(name, contact, address, state_or_region, country, postcode_or_zip)))
        over (order by id rows between unbounded preceding and 1 preceding),
    0
)

-- name: list
-- One chunk of the complete list: number of rows, last id, JSON. Ends early when the JSON is longer than `bytes`.
select count(*), max(id), string_agg({json}::text, ', ' order by id)
from (
    select *, {before} as before
    from (
        select * from inventory.site where id > %(after)s order by id offset %(offset)s limit %(rows)s
    ) as slice
) as site
where before < %(bytes)s

-- name: get
select {json}::text from inventory.site where id = %(id)s

-- name: put
-- Creates the row, or changes the given fields of the one that exists. The row to insert is based on the existing one,
-- so that an existing row needs no field at all.
with present as (select site as row from inventory.site where id = %(id)s for no key update)
insert into inventory.site (id, {columns})
select %(id)s, {columns}
from jsonb_populate_record((select row from present), %(fields)s::jsonb)
on conflict (id) do update
set ({columns}) = (select {columns} from jsonb_populate_record(site, %(fields)s::jsonb))
returning {json}::text

-- name: delete
delete from inventory.site where id = %(id)s returning {json}::text
