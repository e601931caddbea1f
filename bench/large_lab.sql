-- A large lab. The rows of `site`, `freezer` and `container` come after those that the tables have.

-- name: sites
insert into inventory.site (id, name, contact, address, state_or_region, country, postcode_or_zip)
select
    first.id + number,
    'Building ' || number,
    (array['Mei-Ling Chen', 'Noor van den Berg', 'Søren Kjær', 'Priya Raghunathan'])[1 + number %% 4],
    'Sylviusweg ' || 10 + number || ', Leiden',
    'Zuid-Holland',
    'Netherlands',
    '23' || 10 + number || ' BE'
from (select coalesce(max(id), 0) as id from inventory.site) as first, generate_series(1, %(sites)s) as number

-- name: freezers
-- The sites have the same number of freezers, if that is possible.
with site as (
    select id, row_number() over (order by id desc) - 1 as place from inventory.site order by id desc limit %(sites)s
)
insert into inventory.freezer (id, name, site_id)
select
    first.id + number,
    (array['−80 °C', '−20 °C', 'Fridge 4 °C', 'Liquid nitrogen dewar', '−40 °C'])[1 + number %% 5] || ' ' || number,
    site.id
from (select coalesce(max(id), 0) as id from inventory.freezer) as first, generate_series(1, %(freezers)s) as number
join site on site.place = number %% %(sites)s

-- name: containers
-- Primes as factors, so that the parts of the descriptions are combined in many ways.
with freezer as (
    select id, row_number() over (order by id desc) - 1 as place from inventory.freezer order by id desc limit %(freezers)s
),
kind as (
    select
        array[
            'Plasmid pUC19, AmpR, miniprep', 'Plasmid pcDNA3.1-hACE2, AmpR, NeoR, maxiprep',
            'Plasmid lentiCRISPR v2-sgTP53, AmpR, PuroR', 'Glycerol stock DH5α / pUC19', 'Primer ACTB-F, 100 µM in TE',
            'Primer GAPDH-R, 10 µM', 'HeLa cells', 'HEK293T cells', 'U2OS Δp53 cells', 'RPE-1 hTERT cells',
            'Anti-β-actin, mouse monoclonal AC-15, WB 1:5000', 'Anti-γH2AX (pS139), mouse monoclonal, IF 1:500',
            'Anti-α-tubulin, mouse monoclonal DM1A, WB 1:5000', 'Taq polymerase, 5 U/µL', 'T4 DNA ligase, 400 U/µL',
            'Cas9 nuclease, 20 µM', 'Lysis buffer, 50 mM NaH₂PO₄, 300 mM NaCl, pH 8.0', 'Mouse liver, C57BL/6J, RNA',
            'Soil DNA, plot 7 north', 'S. cerevisiae BY4741, MATa'
        ] as names,
        array['Noor', 'Priya', 'Søren', 'Hạnh', 'Oluwaseun', 'Mei-Ling', 'Zoë', 'Tomáš', 'Kwame', 'Siobhán', 'Yuki'] as people
)
insert into inventory.container (id, uuid, description, freezer_id, created_at, updated_at)
select
    first.id + number,
    overlay(overlay(md5('large lab ' || number) placing '4' from 13) placing '8' from 17)::uuid,
    concat_ws(
        ', ',
        names[1 + number * 7 %% 20],
        case when names[1 + number * 7 %% 20] like '%% cells' then 'passage ' || 1 + number * 17 %% 40 end,
        'lot ' || 100000 + number * 37 %% 899981,
        10 * (1 + number * 13 %% 50) || ' µL',
        'box ' || 1 + number / 81 %% 200 || '/' || chr(65 + number / 9 %% 9) || 1 + number %% 9,
        'by ' || people[1 + number * 19 %% 11],
        case when number %% 50 = 0 then repeat('Thaw on ice, spin down and keep the supernatant. ', 20) end
    ),
    freezer.id,
    now() - (%(containers)s - number) * interval '5 min',
    now() - (%(containers)s - number) * interval '5 min'
from kind, (select coalesce(max(id), 0) as id from inventory.container) as first,
    generate_series(1, %(containers)s) as number
join freezer on freezer.place = number %% %(freezers)s

-- name: analyze
-- Statistics and the visibility map, which autovacuum would make later, in the middle of a measurement.
vacuum (analyze) inventory.site, inventory.freezer, inventory.container
