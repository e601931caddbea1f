-- Freezers at the original paths. New columns of the table do not appear here.

-- fragment: columns
-- The columns that the original paths can set.
name, site_id

-- fragment: json
json_build_object(
    'id', freezer.id, 'name', freezer.name, 'site_id', freezer.site_id
)

-- name: list
-- One chunk of the complete list: number of rows, last id, JSON.
select count(*), max(id), string_agg({json}::text, ', ' order by id)
from (select * from inventory.freezer where id > %(after)s order by id offset %(offset)s limit %(rows)s) as freezer

-- name: get
select {json}::text from inventory.freezer where id = %(id)s

-- name: put
-- Creates the row, or changes the given fields of the one that exists. The row to insert is based on the existing one,
-- so that an existing row needs no field at all.
with present as (select freezer as row from inventory.freezer where id = %(id)s for no key update)
insert into inventory.freezer (id, {columns})
select %(id)s, {columns}
from jsonb_populate_record((select row from present), %(fields)s::jsonb)
on conflict (id) do update
set ({columns}) = (select {columns} from jsonb_populate_record(freezer, %(fields)s::jsonb))
returning {json}::text

-- name: delete
delete from inventory.freezer where id = %(id)s returning {json}::text
