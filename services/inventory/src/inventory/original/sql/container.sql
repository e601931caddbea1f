-- Containers at the original paths. New columns of the table do not appear here.

-- fragment: columns
-- The columns that the original paths can set.
uuid, description, freezer_id

-- fragment: json
json_build_object(
    'id', container.id, 'uuid', container.uuid, 'description', container.description,
    'freezer_id', container.freezer_id
)

-- fragment: before
-- Bytes of text in the rows before this one; their JSON is longer than that.
coalesce(
    sum(octet_length(description))
        over (order by id rows between unbounded preceding and 1 preceding),
    0
)

-- name: list
-- One chunk of the complete list: number of rows, last id, JSON. Ends early when the JSON is longer than `bytes`.
select count(*), max(id), string_agg({json}::text, ', ' order by id)
from (
    select *, {before} as before
    from (
        select * from inventory.container where id > %(after)s order by id offset %(offset)s limit %(rows)s
    ) as slice
) as container
where before < %(bytes)s

-- name: get
select {json}::text from inventory.container where id = %(id)s

-- name: put
-- Creates the row, or changes the given fields of the one that exists. The row to insert is based on the existing one,
-- so that an existing row needs no field at all.
with present as (select container as row from inventory.container where id = %(id)s for no key update)
insert into inventory.container (id, {columns})
select %(id)s, coalesce(p.uuid, gen_random_uuid()), coalesce(p.description, ''), p.freezer_id
from jsonb_populate_record((select row from present), %(fields)s::jsonb) as p
on conflict (id) do update
set ({columns}) = (select {columns} from jsonb_populate_record(container, %(fields)s::jsonb))
returning {json}::text

-- name: delete
delete from inventory.container where id = %(id)s returning {json}::text
