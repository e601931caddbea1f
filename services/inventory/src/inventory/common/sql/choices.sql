-- The rows that a form offers as references, and the names of the rows that a list refers to.

-- name: sites
-- `rows` is one more than a form offers.
select id, name from inventory.site order by lower(name), id limit %(rows)s

-- name: freezers
-- `rows` is one more than a form offers.
select freezer.id, freezer.name, site.name
from inventory.freezer
join inventory.site on site.id = freezer.site_id
order by lower(site.name), site.id, lower(freezer.name), freezer.id
limit %(rows)s

-- name: people
-- `rows` is one more than a form offers.
select id, username from inventory.account where active order by lower(username), id limit %(rows)s

-- name: inactive_person
select username from inventory.account where lower(username) = lower(%(username)s) and not active

-- name: names_of_sites
select id, name from inventory.site where id = any (%(ids)s::integer[])

-- name: names_of_freezers
select freezer.id, freezer.name, site.id, site.name
from inventory.freezer
join inventory.site on site.id = freezer.site_id
where freezer.id = any (%(ids)s::integer[])
