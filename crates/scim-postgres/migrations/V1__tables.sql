-- The layout that scim-sql documents. Every primary key starts with the space, by whose hash the tables
-- are partitioned. Texts that are compared have the collation "C": byte by byte.

CREATE TABLE resource (
    space text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    visible boolean NOT NULL,
    -- Whether it was once the owner of a link: only owners are found by name.
    owner boolean NOT NULL DEFAULT FALSE,
    created bigint NOT NULL,
    modified bigint NOT NULL,
    name text COLLATE "C",
    name_exact text COLLATE "C",
    name_folded text COLLATE "C",
    -- JSON as it was printed: jsonb would print it in another way.
    document text NOT NULL,
    extra text NOT NULL,
    form jsonb NOT NULL,
    -- Its rows of attribute_value: path, rank, value, rest.
    indexed jsonb NOT NULL,
    -- The batch that wrote it last.
    batch uuid NOT NULL,
    PRIMARY KEY (space, kind, id)
) PARTITION BY HASH (space);

-- The default order of listings.
CREATE INDEX resource_by_creation ON resource (space, kind, created, id) WHERE visible;

-- Of a text an index holds 256 characters, here and below: a row of an index has 2,700 bytes at most.
CREATE INDEX resource_by_name ON resource (space, substr(name_folded, 1, 256)) WHERE owner;

-- Equality and order by indexed attributes, of visible records of tenants. Rank 0 to 2 is a value that
-- orders, 3 that there is none, 4 another text of a list, 5 that the text which orders has a rest. Values
-- that are no texts stand as scim_number_key or as true and false.
CREATE TABLE attribute_value (
    space text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    path text COLLATE "C" NOT NULL,
    rank smallint NOT NULL,
    value text COLLATE "C" NOT NULL,
    created bigint NOT NULL,
    id text COLLATE "C" NOT NULL,
    -- What comes behind the 256 characters, if the value orders.
    rest text COLLATE "C" NOT NULL,
    PRIMARY KEY (space, kind, path, rank, value, created, id)
) PARTITION BY HASH (space);

CREATE TABLE unique_value (
    space text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    -- One that is too long for an index begins here, and ends in a digest of it all.
    value text COLLATE "C" NOT NULL,
    holder_kind text COLLATE "C" NOT NULL,
    holder_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (space, name, value)
) PARTITION BY HASH (space);

-- The relation comes behind the id, so that all links of a record are found as well.
CREATE TABLE link (
    space text COLLATE "C" NOT NULL,
    relation text COLLATE "C" NOT NULL,
    member_id text COLLATE "C" NOT NULL,
    member_kind text COLLATE "C" NOT NULL,
    owner_id text COLLATE "C" NOT NULL,
    owner_kind text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (space, member_id, relation, member_kind, owner_id, owner_kind)
) PARTITION BY HASH (space);

CREATE INDEX link_by_owner ON link (space, owner_id, relation, owner_kind, position);

-- The order of linking. A sequence waits for nobody.
CREATE SEQUENCE link_position CACHE 1;

CREATE TABLE counter (
    space text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    value bigint NOT NULL,
    floor bigint,
    "limit" bigint,
    PRIMARY KEY (space, name)
) PARTITION BY HASH (space);

CREATE TABLE mark (
    space text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (space, name)
) PARTITION BY HASH (space);

-- Positions are made of the number of the transaction, so that all below the oldest open transaction are
-- settled: see scim_positions_below.
CREATE TABLE event (
    space text COLLATE "C" NOT NULL,
    stream text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    time bigint NOT NULL,
    body text NOT NULL,
    PRIMARY KEY (space, stream, position)
) PARTITION BY HASH (space);

CREATE TABLE due (
    space text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    shard smallint NOT NULL,
    at bigint NOT NULL,
    body text NOT NULL,
    PRIMARY KEY (space, name)
) PARTITION BY HASH (space);

CREATE INDEX due_by_time ON due (shard, at, space, name);

-- How many records are visible: the sum over the slots. A connection adds to a slot of its own, so that
-- two that create in one tenant do not wait for each other.
CREATE TABLE total (
    space text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    slot smallint NOT NULL,
    visible bigint NOT NULL,
    PRIMARY KEY (space, kind, slot)
) PARTITION BY HASH (space);

-- What came of a batch, for whoever lost the answer.
CREATE TABLE batch (
    space text COLLATE "C" NOT NULL,
    key uuid NOT NULL,
    at timestamptz NOT NULL,
    result jsonb NOT NULL,
    PRIMARY KEY (space, key)
) PARTITION BY HASH (space);

CREATE INDEX batch_by_time ON batch USING brin (at);

DO $$
DECLARE
    parted text;
BEGIN
    FOREACH parted IN ARRAY ARRAY['resource', 'attribute_value', 'unique_value', 'link', 'counter', 'mark',
                                  'event', 'due', 'total', 'batch'] LOOP
        FOR part IN 0..7 LOOP
            EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES WITH (MODULUS 8, REMAINDER %s)',
                           parted || '_' || part, parted, part);
        END LOOP;
    END LOOP;
END
$$;

-- Where positions of events begin. A cluster into which the data were restored may count its
-- transactions from a lower number: the store then sets the base so that positions go on rising.
CREATE TABLE event_base (
    only_row boolean PRIMARY KEY DEFAULT TRUE CHECK (only_row),
    cluster bigint NOT NULL,
    base bigint NOT NULL
);

INSERT INTO event_base (cluster, base) SELECT system_identifier, 0 FROM pg_control_system();
