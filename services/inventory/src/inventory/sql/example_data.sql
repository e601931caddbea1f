-- Example data. Rows that exist stay as they are.

-- name: sites
insert into inventory.site (id, name, contact, address, state_or_region, country, postcode_or_zip)
values
    (1, 'Site 1', 'John Smith', '123 Muffin Lane, Ann Arbor', 'MI', 'USA', '48103'),
    (2, 'Site 2', null, null, null, null, null),
    (3, 'Site 3', null, null, null, null, null)
on conflict do nothing

-- name: freezers
insert into inventory.freezer (id, name, site_id)
values (1, '-20C', 1), (2, '-40C', 1)
on conflict do nothing

-- name: computers
insert into inventory.computer (id, name, mac, site_id)
values (1, 'Computer 1', '08:00:2b:01:02:03', 1), (2, 'Computer 2', '08:00:2b:01:02:04', 1)
on conflict do nothing

-- name: containers
insert into inventory.container (id, uuid, description, freezer_id)
values
    (1, '5f0f2d3c-7f4b-4e0e-9a55-0f7c1f1b6a01', 'Plasmid pUC19, 50 µL', 1),
    (2, '5f0f2d3c-7f4b-4e0e-9a55-0f7c1f1b6a02', 'Taq polymerase, lot 7', 1),
    (3, '5f0f2d3c-7f4b-4e0e-9a55-0f7c1f1b6a03', 'HeLa cells, passage 12', 2)
on conflict do nothing

-- name: accounts
insert into inventory.account (id, username, email)
values (1, 'ada', 'ada@example.org'), (2, 'grace', 'grace@example.org')
on conflict do nothing
