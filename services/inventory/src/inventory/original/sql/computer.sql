-- Computers at the original paths. New columns of the table do not appear here.

-- fragment: columns
-- The columns that the original paths can set.
name, mac, site_id

-- fragment: json
json_build_object(
    'id', computer.id, 'name', computer.name, 'mac', computer.mac, 'site_id', computer.site_id
)

-- name: list
-- One chunk of the complete list: number of rows, last id, JSON.
select count(*), max(id), string_agg({json}::text, ', ' order by id)
from (select * from inventory.computer where id > %(after)s order by id offset %(offset)s limit %(rows)s) as computer

-- name: get
select {json}::text from inventory.computer where id = %(id)s

-- name: put
-- Creates the row, or changes the given fields of the one that exists. The row to insert is based on the existing one,
-- so that an existing row needs no field at all.
with present as (select computer as row from inventory.computer where id = %(id)s for no key update)
insert into inventory.computer (id, {columns})
select %(id)s, {columns}
from jsonb_populate_record((select row from present), %(fields)s::jsonb)
on conflict (id) do update
set ({columns}) = (select {columns} from jsonb_populate_record(computer, %(fields)s::jsonb))
returning {json}::text

-- name: delete
delete from inventory.computer where id = %(id)s returning {json}::text
