-- The commit of a batch, which can now take old events off a stream and write others anew. Batches of the versions
-- before mean what they meant.

CREATE OR REPLACE FUNCTION scim_commit(home text, batch_key uuid, again boolean, now bigint, batch jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
<<run>>
DECLARE
    item jsonb;
    number integer;
    row_version bigint;
    row_batch uuid;
    row_visible boolean;
    row_created bigint;
    row_name text;
    row_indexed jsonb;
    found_kind text;
    found_id text;
    is_linked boolean;
    owner_is_owner boolean;
    added bigint;
    -- Versions before the batch of records that it deleted, by key.
    deleted jsonb := '{}';
    record_key text;
    before bigint;
    stands boolean;
    -- How many more visible records there are, by space and kind.
    totals jsonb := '{}';
    change integer;
    -- Counters as they were before the batch, where it sets them.
    counters_before jsonb := '{}';
    counters jsonb := '[]';
    is_value bigint;
    is_floor bigint;
    is_limit bigint;
    after_value numeric;
    after_limit numeric;
    first_position bigint;
    next_position bigint;
    versions jsonb;
    outcome jsonb;
BEGIN
    -- A second attempt waits here for the first to end.
    PERFORM pg_advisory_xact_lock(hashtextextended(batch_key::text, 0));
    IF again THEN
        SELECT result INTO outcome FROM batch b WHERE b.space = home AND b.key = batch_key;
        IF FOUND THEN
            RETURN outcome;
        END IF;
    END IF;

    -- Rows in the order of their keys, those to be written for writing: no two batches wait for each other
    -- in a circle. What a guard wants absent, or is made only if it is not there, is put and taken away
    -- again, for as long as nobody sees it: whoever would create it waits for the end of this batch. Links
    -- come last, as a batch that clears a list meets them only when it holds everything else.
    FOR item IN SELECT jsonb_array_elements(batch -> 'locks') LOOP
        CASE item ->> 0
        WHEN 'rw' THEN
            PERFORM FROM resource r
                WHERE r.space = item ->> 1 AND r.kind = item ->> 2 AND r.id = item ->> 3 FOR UPDATE;
        WHEN 'rs' THEN
            PERFORM FROM resource r
                WHERE r.space = item ->> 1 AND r.kind = item ->> 2 AND r.id = item ->> 3 FOR SHARE;
        WHEN 'ra', 're' THEN
            IF item ->> 0 = 're' THEN
                PERFORM FROM resource r
                    WHERE r.space = item ->> 1 AND r.kind = item ->> 2 AND r.id = item ->> 3 FOR UPDATE;
                CONTINUE WHEN FOUND;
            END IF;
            INSERT INTO resource (space, kind, id, version, visible, created, modified, document, extra, form,
                                  indexed, batch)
                VALUES (item ->> 1, item ->> 2, item ->> 3, 0, FALSE, 0, 0, '', '', 'null', 'null', batch_key)
                ON CONFLICT DO NOTHING;
            IF FOUND THEN
                DELETE FROM resource r
                    WHERE r.space = item ->> 1 AND r.kind = item ->> 2 AND r.id = item ->> 3;
            END IF;
        WHEN 'cw' THEN
            PERFORM FROM unique_value u
                WHERE u.space = item ->> 1 AND u.name = item ->> 2 AND u.value = item ->> 3 FOR UPDATE;
        WHEN 'cs' THEN
            PERFORM FROM unique_value u
                WHERE u.space = item ->> 1 AND u.name = item ->> 2 AND u.value = item ->> 3 FOR SHARE;
        WHEN 'ca' THEN
            INSERT INTO unique_value (space, name, value, holder_kind, holder_id)
                VALUES (item ->> 1, item ->> 2, item ->> 3, '', '') ON CONFLICT DO NOTHING;
            IF FOUND THEN
                DELETE FROM unique_value u
                    WHERE u.space = item ->> 1 AND u.name = item ->> 2 AND u.value = item ->> 3;
            END IF;
        WHEN 'cm' THEN
            -- The claim itself; if somebody else holds the value, the write will say so.
            INSERT INTO unique_value (space, name, value, holder_kind, holder_id)
                VALUES (item ->> 1, item ->> 2, item ->> 3, item ->> 4, item ->> 5) ON CONFLICT DO NOTHING;
        WHEN 'lw' THEN
            PERFORM FROM link l
                WHERE l.space = item ->> 1 AND l.relation = item ->> 2 AND l.member_id = item ->> 3
                AND l.member_kind = item ->> 4 AND l.owner_id = item ->> 5 AND l.owner_kind = item ->> 6
                FOR UPDATE;
        WHEN 'ls' THEN
            PERFORM FROM link l
                WHERE l.space = item ->> 1 AND l.relation = item ->> 2 AND l.member_id = item ->> 3
                AND l.member_kind = item ->> 4 AND l.owner_id = item ->> 5 AND l.owner_kind = item ->> 6
                FOR SHARE;
        WHEN 'la' THEN
            INSERT INTO link (space, relation, member_id, member_kind, owner_id, owner_kind, position)
                VALUES (item ->> 1, item ->> 2, item ->> 3, item ->> 4, item ->> 5, item ->> 6, 0)
                ON CONFLICT DO NOTHING;
            IF FOUND THEN
                DELETE FROM link l
                    WHERE l.space = item ->> 1 AND l.relation = item ->> 2 AND l.member_id = item ->> 3
                    AND l.member_kind = item ->> 4 AND l.owner_id = item ->> 5 AND l.owner_kind = item ->> 6;
            END IF;
        WHEN 'mw', 'ms' THEN
            INSERT INTO mark (space, name, version) VALUES (item ->> 1, item ->> 2, 0) ON CONFLICT DO NOTHING;
            IF item ->> 0 = 'mw' THEN
                PERFORM FROM mark m WHERE m.space = item ->> 1 AND m.name = item ->> 2 FOR UPDATE;
            ELSE
                PERFORM FROM mark m WHERE m.space = item ->> 1 AND m.name = item ->> 2 FOR SHARE;
            END IF;
        END CASE;
    END LOOP;

    number := 0;
    FOR item IN SELECT jsonb_array_elements(batch -> 'guards') LOOP
        CASE item ->> 0
        WHEN 'record' THEN
            SELECT r.version INTO row_version FROM resource r
                WHERE r.space = item ->> 1 AND r.kind = item ->> 2 AND r.id = item ->> 3 FOR SHARE;
            stands := row_version IS NOT DISTINCT FROM (item ->> 4)::bigint;
        WHEN 'holder' THEN
            SELECT u.holder_kind, u.holder_id INTO found_kind, found_id FROM unique_value u
                WHERE u.space = item ->> 1 AND u.name = item ->> 2 AND u.value = item ->> 3 FOR SHARE;
            stands := found_kind IS NOT DISTINCT FROM item ->> 4 AND found_id IS NOT DISTINCT FROM item ->> 5;
        WHEN 'link' THEN
            PERFORM FROM link l
                WHERE l.space = item ->> 1 AND l.relation = item ->> 2 AND l.member_id = item ->> 3
                AND l.member_kind = item ->> 4 AND l.owner_id = item ->> 5 AND l.owner_kind = item ->> 6
                FOR SHARE;
            stands := FOUND = (item ->> 7)::boolean;
        WHEN 'mark' THEN
            SELECT m.version INTO row_version FROM mark m
                WHERE m.space = item ->> 1 AND m.name = item ->> 2 FOR SHARE;
            stands := coalesce(row_version, 0) = (item ->> 3)::bigint;
        END CASE;
        IF NOT stands THEN
            RAISE EXCEPTION 'a guard refused the batch'
                USING ERRCODE = 'SC001', DETAIL = jsonb_build_object('guard', number);
        END IF;
        number := number + 1;
    END LOOP;

    number := 0;
    FOR item IN SELECT jsonb_array_elements(batch -> 'writes') LOOP
        CASE item ->> 'do'
        WHEN 'put', 'ensure' THEN
            record_key := jsonb_build_array(item ->> 'space', item ->> 'kind', item ->> 'id');
            SELECT r.version, r.batch, r.visible, r.created, r.name, r.indexed
                INTO row_version, row_batch, row_visible, row_created, row_name, row_indexed
                FROM resource r
                WHERE r.space = item ->> 'space' AND r.kind = item ->> 'kind' AND r.id = item ->> 'id' FOR UPDATE;
            stands := FOUND;
            before := CASE
                WHEN deleted ? record_key THEN (deleted ->> record_key)::bigint
                WHEN NOT stands THEN NULL
                WHEN row_batch = batch_key THEN nullif(row_version - 1, 0)
                ELSE row_version
            END;
            IF item ->> 'do' = 'put' AND before IS DISTINCT FROM (item ->> 'replaces')::bigint THEN
                RAISE EXCEPTION 'the record has changed'
                    USING ERRCODE = 'SC001', DETAIL = jsonb_build_object('write', number);
            END IF;
            IF NOT stands THEN
                INSERT INTO resource (space, kind, id, version, visible, created, modified, name, name_exact,
                                      name_folded, document, extra, form, indexed, batch)
                    VALUES (item ->> 'space', item ->> 'kind', item ->> 'id', coalesce(before, 0) + 1,
                            (item ->> 'visible')::boolean, now, now, item ->> 'name', item ->> 'exact',
                            item ->> 'folded', item ->> 'document', item ->> 'extra', item -> 'form',
                            item -> 'indexed', batch_key)
                    ON CONFLICT DO NOTHING;
                IF FOUND THEN
                    IF (item ->> 'visible')::boolean THEN
                        totals := scim_add(totals, item, 1);
                        PERFORM scim_index(item, '[]', now, TRUE);
                    END IF;
                ELSIF item ->> 'do' = 'put' THEN
                    -- Somebody else was faster.
                    RAISE EXCEPTION 'the record has changed'
                        USING ERRCODE = 'SC001', DETAIL = jsonb_build_object('write', number);
                END IF;
            ELSIF item ->> 'do' = 'put' THEN
                UPDATE resource r SET
                    version = CASE WHEN row_batch = batch_key THEN r.version ELSE r.version + 1 END,
                    modified = greatest(r.modified, now),
                    document = item ->> 'document', extra = item ->> 'extra', form = item -> 'form',
                    indexed = item -> 'indexed', batch = batch_key,
                    visible = (item ->> 'visible')::boolean, name = item ->> 'name',
                    name_exact = item ->> 'exact', name_folded = item ->> 'folded'
                    WHERE r.space = item ->> 'space' AND r.kind = item ->> 'kind' AND r.id = item ->> 'id';
                change := (item ->> 'visible')::boolean::integer - row_visible::integer;
                IF change <> 0 THEN
                    totals := scim_add(totals, item, change);
                END IF;
                IF change <> 0 OR (row_visible AND row_indexed <> item -> 'indexed') THEN
                    PERFORM scim_index(item, CASE WHEN row_visible THEN row_indexed ELSE '[]' END, row_created,
                                       (item ->> 'visible')::boolean);
                END IF;
            END IF;

        WHEN 'delete' THEN
            record_key := jsonb_build_array(item ->> 'space', item ->> 'kind', item ->> 'id');
            SELECT r.version, r.batch, r.visible, r.created, r.indexed
                INTO row_version, row_batch, row_visible, row_created, row_indexed
                FROM resource r
                WHERE r.space = item ->> 'space' AND r.kind = item ->> 'kind' AND r.id = item ->> 'id' FOR UPDATE;
            stands := FOUND;
            before := CASE
                WHEN deleted ? record_key THEN (deleted ->> record_key)::bigint
                WHEN NOT stands THEN NULL
                WHEN row_batch = batch_key THEN nullif(row_version - 1, 0)
                ELSE row_version
            END;
            IF before IS DISTINCT FROM (item ->> 'replaces')::bigint THEN
                RAISE EXCEPTION 'the record has changed'
                    USING ERRCODE = 'SC001', DETAIL = jsonb_build_object('write', number);
            END IF;
            IF stands THEN
                deleted := deleted || jsonb_build_object(record_key, before);
                DELETE FROM link l
                    WHERE l.space = item ->> 'space' AND l.owner_id = item ->> 'id'
                    AND l.owner_kind = item ->> 'kind';
                DELETE FROM link l
                    WHERE l.space = item ->> 'space' AND l.member_id = item ->> 'id'
                    AND l.member_kind = item ->> 'kind';
                IF row_visible THEN
                    totals := scim_add(totals, item, -1);
                    PERFORM scim_index(item, row_indexed, row_created, FALSE);
                END IF;
                DELETE FROM resource r
                    WHERE r.space = item ->> 'space' AND r.kind = item ->> 'kind' AND r.id = item ->> 'id';
            END IF;

        WHEN 'claim' THEN
            INSERT INTO unique_value (space, name, value, holder_kind, holder_id)
                VALUES (item ->> 'space', item ->> 'name', item ->> 'value', item ->> 'kind', item ->> 'id')
                ON CONFLICT DO NOTHING;
            WHILE NOT FOUND LOOP
                SELECT u.holder_kind, u.holder_id INTO found_kind, found_id FROM unique_value u
                    WHERE u.space = item ->> 'space' AND u.name = item ->> 'name' AND u.value = item ->> 'value'
                    FOR SHARE;
                IF FOUND AND (found_kind, found_id) IS DISTINCT FROM (item ->> 'kind', item ->> 'id') THEN
                    RAISE EXCEPTION 'the value is taken' USING ERRCODE = 'SC002',
                        DETAIL = jsonb_build_object('write', number, 'kind', found_kind, 'id', found_id);
                END IF;
                EXIT WHEN FOUND;
                -- It was given up in between.
                INSERT INTO unique_value (space, name, value, holder_kind, holder_id)
                    VALUES (item ->> 'space', item ->> 'name', item ->> 'value', item ->> 'kind', item ->> 'id')
                    ON CONFLICT DO NOTHING;
            END LOOP;

        WHEN 'release' THEN
            DELETE FROM unique_value u
                WHERE u.space = item ->> 'space' AND u.name = item ->> 'name' AND u.value = item ->> 'value'
                AND u.holder_kind = item ->> 'kind' AND u.holder_id = item ->> 'id';

        WHEN 'link' THEN
            SELECT r.owner INTO owner_is_owner FROM resource r
                WHERE r.space = item ->> 'space' AND r.kind = item ->> 'owner_kind'
                AND r.id = item ->> 'owner_id';
            IF NOT FOUND THEN
                RAISE EXCEPTION 'the owner is not there'
                    USING ERRCODE = 'SC003', DETAIL = jsonb_build_object('write', number, 'end', 'owner');
            END IF;
            PERFORM FROM resource r
                WHERE r.space = item ->> 'space' AND r.kind = item ->> 'member_kind'
                AND r.id = item ->> 'member_id';
            IF NOT FOUND THEN
                RAISE EXCEPTION 'the member is not there'
                    USING ERRCODE = 'SC003', DETAIL = jsonb_build_object('write', number, 'end', 'member');
            END IF;
            INSERT INTO link (space, relation, member_id, member_kind, owner_id, owner_kind, position)
                VALUES (item ->> 'space', item ->> 'relation', item ->> 'member_id', item ->> 'member_kind',
                        item ->> 'owner_id', item ->> 'owner_kind', nextval('link_position'))
                ON CONFLICT DO NOTHING;
            IF FOUND THEN
                IF NOT owner_is_owner THEN
                    UPDATE resource r SET owner = TRUE
                        WHERE r.space = item ->> 'space' AND r.kind = item ->> 'owner_kind'
                        AND r.id = item ->> 'owner_id';
                END IF;
                PERFORM scim_touch(item, batch_key, now);
            END IF;

        WHEN 'unlink' THEN
            DELETE FROM link l
                WHERE l.space = item ->> 'space' AND l.relation = item ->> 'relation'
                AND l.member_id = item ->> 'member_id' AND l.member_kind = item ->> 'member_kind'
                AND l.owner_id = item ->> 'owner_id' AND l.owner_kind = item ->> 'owner_kind';
            IF FOUND THEN
                PERFORM scim_touch(item, batch_key, now);
            END IF;

        WHEN 'clear' THEN
            IF item ->> 'end' = 'owner' THEN
                DELETE FROM link l
                    WHERE l.space = item ->> 'space' AND l.owner_id = item ->> 'id'
                    AND l.relation = item ->> 'relation' AND l.owner_kind = item ->> 'kind';
            ELSE
                DELETE FROM link l
                    WHERE l.space = item ->> 'space' AND l.member_id = item ->> 'id'
                    AND l.relation = item ->> 'relation' AND l.member_kind = item ->> 'kind';
            END IF;

        WHEN 'raise' THEN
            INSERT INTO mark AS m (space, name, version) VALUES (item ->> 'space', item ->> 'name', 1)
                ON CONFLICT (space, name) DO UPDATE SET version = m.version + 1;

        WHEN 'append' THEN
            IF next_position IS NULL THEN
                SELECT (pg_current_xact_id()::text::bigint + e.base) << 16 INTO first_position FROM event_base e;
                next_position := first_position;
            END IF;
            INSERT INTO event (space, stream, position, time, body)
                VALUES (item ->> 'space', item ->> 'stream', next_position, now, item ->> 'body');
            next_position := next_position + 1;

        WHEN 'trim' THEN
            DELETE FROM event e
                WHERE e.space = item ->> 'space' AND e.stream = item ->> 'stream'
                AND e.position < (item ->> 'before')::bigint;

        WHEN 'amend' THEN
            UPDATE event e SET body = item ->> 'body'
                WHERE e.space = item ->> 'space' AND e.stream = item ->> 'stream'
                AND e.position = (item ->> 'position')::bigint;

        WHEN 'schedule' THEN
            INSERT INTO due AS d (space, name, shard, at, body)
                VALUES (item ->> 'space', item ->> 'name', (item ->> 'shard')::smallint, (item ->> 'at')::bigint,
                        item ->> 'body')
                ON CONFLICT (space, name) DO UPDATE SET at = excluded.at, body = excluded.body;

        WHEN 'unschedule' THEN
            DELETE FROM due d WHERE d.space = item ->> 'space' AND d.name = item ->> 'name';

        WHEN 'set', 'add' THEN
            -- Done last; adds are summed up in the batch.
        END CASE;
        number := number + 1;
    END LOOP;

    SELECT jsonb_agg(jsonb_build_array(k.number - 1, r.version)) INTO versions
        FROM jsonb_array_elements(batch -> 'records') WITH ORDINALITY k(key, number)
        JOIN resource r ON r.space = k.key ->> 0 AND r.kind = k.key ->> 1 AND r.id = k.key ->> 2
        WHERE r.batch = batch_key;

    FOR record_key, change IN SELECT * FROM jsonb_each_text(totals) t ORDER BY t.key COLLATE "C" LOOP
        INSERT INTO total AS t (space, kind, slot, visible)
            VALUES (record_key::jsonb ->> 0, record_key::jsonb ->> 1, pg_backend_pid() % 16, change)
            ON CONFLICT (space, kind, slot) DO UPDATE SET visible = t.visible + excluded.visible;
    END LOOP;

    -- Counters come last, so that one that everybody wants is held shortest.
    FOR item, number IN SELECT w.item, w.at - 1
                FROM jsonb_array_elements(batch -> 'writes') WITH ORDINALITY w(item, at)
                WHERE w.item ->> 'do' = 'set'
                ORDER BY w.item ->> 'space' COLLATE "C", w.item ->> 'name' COLLATE "C", w.at LOOP
        record_key := jsonb_build_array(item ->> 'space', item ->> 'name');
        IF NOT counters_before ? record_key THEN
            SELECT jsonb_build_array(c.value, c.floor, c."limit") INTO outcome FROM counter c
                WHERE c.space = item ->> 'space' AND c.name = item ->> 'name' FOR UPDATE;
            counters_before := counters_before
                || jsonb_build_object(record_key, coalesce(outcome, '[0, null, null]'));
        END IF;
        -- Without a value only the bounds are set, within which the value must be.
        IF item ->> 'value' IS NULL THEN
            INSERT INTO counter (space, name, value) VALUES (item ->> 'space', item ->> 'name', 0)
                ON CONFLICT DO NOTHING;
            SELECT c.value, c.floor, c."limit" INTO is_value, is_floor, is_limit FROM counter c
                WHERE c.space = item ->> 'space' AND c.name = item ->> 'name' FOR UPDATE;
            IF is_value < (item ->> 'floor')::bigint OR is_value > (item ->> 'limit')::bigint THEN
                RAISE EXCEPTION 'a counter would leave its bounds' USING ERRCODE = 'SC004', DETAIL =
                    jsonb_build_object('write', number, 'is', jsonb_build_array(is_value, is_floor, is_limit));
            END IF;
        END IF;
        INSERT INTO counter AS c (space, name, value, floor, "limit")
            VALUES (item ->> 'space', item ->> 'name', coalesce((item ->> 'value')::bigint, is_value),
                    (item ->> 'floor')::bigint, (item ->> 'limit')::bigint)
            ON CONFLICT (space, name) DO UPDATE SET value = excluded.value, floor = excluded.floor,
                "limit" = excluded."limit";
    END LOOP;
    number := 0;
    FOR item IN SELECT jsonb_array_elements(batch -> 'adds') LOOP
        INSERT INTO counter (space, name, value) VALUES (item ->> 'space', item ->> 'name', 0)
            ON CONFLICT DO NOTHING;
        SELECT c.value, c.floor, c."limit" INTO is_value, is_floor, is_limit FROM counter c
            WHERE c.space = item ->> 'space' AND c.name = item ->> 'name' FOR UPDATE;
        after_value := is_value::numeric + (item ->> 'by')::numeric;
        after_limit := is_limit;
        stands := after_value BETWEEN -9223372036854775808 AND 9223372036854775807
            AND NOT ((item ->> 'by')::numeric < 0 AND is_floor IS NOT NULL AND after_value < is_floor);
        IF stands AND (item ->> 'by')::numeric > 0 AND is_limit IS NOT NULL AND after_value > is_limit THEN
            IF (item ->> 'refuses')::boolean OR (item ->> 'step')::bigint <= 0 THEN
                stands := FALSE;
            ELSE
                after_limit := is_limit + (item ->> 'step')::numeric
                    * div(after_value - is_limit + (item ->> 'step')::numeric - 1, (item ->> 'step')::numeric);
                stands := after_limit <= 9223372036854775807;
            END IF;
        END IF;
        IF NOT stands THEN
            RAISE EXCEPTION 'a counter would leave its bounds' USING ERRCODE = 'SC004',
                DETAIL = jsonb_build_object('add', number, 'is', jsonb_build_array(is_value, is_floor, is_limit));
        END IF;
        UPDATE counter c SET value = after_value::bigint, "limit" = after_limit::bigint
            WHERE c.space = item ->> 'space' AND c.name = item ->> 'name';
        counters := counters || jsonb_build_array(jsonb_build_array(
            coalesce(counters_before -> jsonb_build_array(item ->> 'space', item ->> 'name')::text,
                     jsonb_build_array(is_value, is_floor, is_limit)),
            jsonb_build_array(after_value::bigint, is_floor, after_limit::bigint)));
        number := number + 1;
    END LOOP;

    outcome := jsonb_build_object('versions', coalesce(versions, '[]'), 'counters', counters,
                                  'position', first_position);
    INSERT INTO batch (space, key, at, result) VALUES (home, batch_key, now(), outcome);
    RETURN outcome;
END
$$;
