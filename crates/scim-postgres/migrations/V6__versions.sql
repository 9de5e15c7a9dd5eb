-- The versions that a batch has written, looked up record by record: a join may be planned while the tables are
-- empty, and then goes through all of them for as long as the plan is kept.

CREATE FUNCTION scim_versions(records jsonb, batch_key uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT jsonb_agg(jsonb_build_array(k.number - 1, r.version))
            FROM jsonb_array_elements(records) WITH ORDINALITY k(key, number)
            CROSS JOIN LATERAL (
                SELECT r.version, r.batch FROM resource r
                    WHERE r.space = k.key ->> 0 AND r.kind = k.key ->> 1 AND r.id = k.key ->> 2 LIMIT 1
            ) r
            WHERE r.batch = batch_key
    );
END
$$;

-- The rest of the commit is as V5 has it.
DO $$
DECLARE
    definition text := pg_get_functiondef('scim_commit'::regproc);
    asked text := substring(definition FROM 'SELECT jsonb_agg\(jsonb_build_array\(k\.number - 1, r\.version\)\) INTO versions.*?;');
BEGIN
    IF asked IS NULL THEN
        RAISE EXCEPTION 'scim_commit is not the one of V5';
    END IF;
    EXECUTE replace(definition, asked, 'versions := scim_versions(batch -> ''records'', batch_key);');
END
$$;
