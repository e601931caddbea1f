-- Users at the original paths. New columns of the table do not appear here.

-- fragment: json
json_build_object(
    'id', account.id, 'username', account.username, 'email', account.email, 'active', account.active
)

-- name: list
-- One chunk of the complete list: number of rows, last id, JSON.
select count(*), max(id), string_agg({json}::text, ', ' order by id)
from (select * from inventory.account where id > %(after)s order by id limit %(rows)s) as account

-- name: get
select {json}::text from inventory.account where id = %(id)s
