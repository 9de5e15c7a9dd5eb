-- Texts that may be lost, such as where the next page of a listing begins. What is not logged waits for no
-- flush and no standby; after a crash or a fail-over the table is empty.

CREATE UNLOGGED TABLE note (
    space text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    -- In milliseconds since 1970.
    at bigint NOT NULL,
    text text NOT NULL,
    PRIMARY KEY (space, name)
);

CREATE INDEX note_by_time ON note (space, at);
