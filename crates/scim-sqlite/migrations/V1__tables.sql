-- The layout that scim-sql documents. Every primary key starts with the space.

CREATE TABLE resource (
    space TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    visible INTEGER NOT NULL,
    -- Whether it was once the owner of a link: only owners are found by name.
    owner INTEGER NOT NULL DEFAULT 0,
    created INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    name TEXT,
    name_exact TEXT,
    name_folded TEXT,
    document TEXT NOT NULL,
    extra TEXT NOT NULL,
    -- The match form as JSONB, so that comparisons need not parse it.
    form BLOB NOT NULL,
    PRIMARY KEY (space, kind, id)
) STRICT;

-- The default order of listings.
CREATE INDEX resource_by_creation ON resource (space, kind, created, id) WHERE visible;

-- Of a text an index holds 256 characters, here and below.
CREATE INDEX resource_by_name ON resource (space, substr(name_folded, 1, 256)) WHERE owner;

-- Equality and order by indexed attributes, of visible records of tenants. Rank 0 to 2 is a value that
-- orders, 3 that there is none, 4 another text of a list, 5 that the text which orders has a rest.
CREATE TABLE attribute_value (
    space TEXT NOT NULL,
    kind TEXT NOT NULL,
    path TEXT NOT NULL,
    rank INTEGER NOT NULL,
    value ANY NOT NULL,
    created INTEGER NOT NULL,
    id TEXT NOT NULL,
    -- What comes behind the 256 characters, if the value orders.
    rest TEXT NOT NULL,
    PRIMARY KEY (space, kind, path, rank, value, created, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE unique_value (
    space TEXT NOT NULL,
    name TEXT NOT NULL,
    -- One that is too long for an index begins here, and ends in a digest of it all.
    value TEXT NOT NULL,
    holder_kind TEXT NOT NULL,
    holder_id TEXT NOT NULL,
    PRIMARY KEY (space, name, value)
) STRICT, WITHOUT ROWID;

CREATE TABLE link (
    space TEXT NOT NULL,
    relation TEXT NOT NULL,
    member_id TEXT NOT NULL,
    member_kind TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    owner_kind TEXT NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (space, relation, member_id, member_kind, owner_id, owner_kind)
) STRICT, WITHOUT ROWID;

CREATE INDEX link_by_owner ON link (space, relation, owner_id, owner_kind, position);

-- The relations that a space has links of, and the last position that was given to one.
CREATE TABLE link_order (
    space TEXT NOT NULL,
    relation TEXT NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (space, relation)
) STRICT, WITHOUT ROWID;

CREATE TABLE counter (
    space TEXT NOT NULL,
    name TEXT NOT NULL,
    value INTEGER NOT NULL,
    floor INTEGER,
    "limit" INTEGER,
    PRIMARY KEY (space, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE mark (
    space TEXT NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (space, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE event (
    space TEXT NOT NULL,
    stream TEXT NOT NULL,
    position INTEGER NOT NULL,
    time INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (space, stream, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE due (
    space TEXT NOT NULL,
    name TEXT NOT NULL,
    shard INTEGER NOT NULL,
    at INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (space, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX due_by_time ON due (shard, at, space, name);

-- How many records are visible.
CREATE TABLE total (
    space TEXT NOT NULL,
    kind TEXT NOT NULL,
    visible INTEGER NOT NULL,
    PRIMARY KEY (space, kind)
) STRICT, WITHOUT ROWID;

-- What the query planner should think of the tables: large, with groups of a thousand members and
-- members of a few groups. Fixed, so that plans never depend on when somebody ran ANALYZE.
ANALYZE sqlite_schema;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('resource', 'sqlite_autoindex_resource_1', '1000000 100000 50000 1'),
    ('resource', 'resource_by_creation', '1000000 100000 50000 2 1'),
    ('resource', 'resource_by_name', '10000 1000 1'),
    ('attribute_value', 'attribute_value', '4000000 400000 200000 50000 40000 2 1 1'),
    ('unique_value', 'unique_value', '1000000 100000 100000 1'),
    ('link', 'link', '1000000 100000 50000 5 5 1 1'),
    ('link', 'link_by_owner', '1000000 100000 50000 1000 1000 1'),
    ('event', 'event', '1000000 100000 50000 1'),
    ('due', 'due', '10000 1000 1'),
    ('due', 'due_by_time', '10000 200 2 1 1');
