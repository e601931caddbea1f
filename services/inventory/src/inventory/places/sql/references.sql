-- How many things refer to a site or freezer, which cannot be deleted while anything does.

-- name: of_site
select
    (select count(*) from inventory.freezer where site_id = %(id)s),
    (select count(*) from inventory.computer where site_id = %(id)s)

-- name: of_freezer
select count(*) from inventory.container where freezer_id = %(id)s

-- name: of_freezers
-- Number of containers, for each of these freezers that has any.
select freezer_id, count(*) from inventory.container where freezer_id = any (%(ids)s::integer[]) group by freezer_id
