-- How much the lab keeps.

-- name: overview
with content as (
    select freezer_id, count(*) as containers from inventory.container group by freezer_id
),
fullest as (
    select
        freezer.id, freezer.name, site.id as site_id, site.name as site_name,
        coalesce(content.containers, 0) as containers
    from inventory.freezer
    join inventory.site on site.id = freezer.site_id
    left join content on content.freezer_id = freezer.id
    order by coalesce(content.containers, 0) desc, freezer.id
    limit %(freezers)s
)
select json_build_object(
    'sites', (select count(*) from inventory.site),
    'freezers', (select count(*) from inventory.freezer),
    'computers', (select count(*) from inventory.computer),
    'containers', (select coalesce(sum(containers), 0) from content),
    'users', (select count(*) from inventory.account where active),
    'fullest_freezers', coalesce(
        (select json_agg(fullest order by fullest.containers desc, fullest.id) from fullest), '[]'::json
    )
)::text
