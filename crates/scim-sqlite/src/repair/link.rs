//! Mends links: those that hang in the air, and those that a record must or must not have.

use rusqlite::params;
use scim_core::Relation;
use scim_engine::store::{RecordKey, RecordRef, StoreError};
use scim_sql::check::LinkRow;

use super::Mender;
use crate::row::{execute, one};

impl Mender<'_> {
    /// A link without one of its ends goes; one that has both is counted.
    pub(super) fn link(&self, link: &LinkRow) -> Result<usize, StoreError> {
        let LinkRow { space, relation, owner, member } = link;
        let ends = params![space, relation, owner.kind, owner.id, member.kind, member.id];
        let gone = execute(
            self.connection,
            "DELETE FROM link WHERE space = ?1 AND relation = ?2 AND owner_kind = ?3 AND owner_id = ?4 \
             AND member_kind = ?5 AND member_id = ?6 AND NOT (\
             EXISTS (SELECT 1 FROM resource WHERE space = ?1 AND kind = ?3 AND id = ?4) AND \
             EXISTS (SELECT 1 FROM resource WHERE space = ?1 AND kind = ?5 AND id = ?6))",
            ends,
        )?;
        let counted = execute(
            self.connection,
            "INSERT INTO link_order (space, relation, last) SELECT space, relation, position FROM link \
             WHERE space = ?1 AND relation = ?2 AND owner_kind = ?3 AND owner_id = ?4 \
             AND member_kind = ?5 AND member_id = ?6 \
             ON CONFLICT DO UPDATE SET last = excluded.last WHERE last < excluded.last",
            ends,
        )?;
        let known = execute(
            self.connection,
            "UPDATE resource SET owner = 1 WHERE space = ?1 AND kind = ?3 AND id = ?4 AND owner IS NOT 1 \
             AND EXISTS (SELECT 1 FROM link WHERE space = ?1 AND relation = ?2 AND owner_kind = ?3 \
             AND owner_id = ?4 AND member_kind = ?5 AND member_id = ?6)",
            ends,
        )?;
        Ok(gone + counted + known)
    }

    /// Links a record to an owner, if that is there; both show it, so both get a new version.
    pub(super) fn add_link(
        &self,
        member: &RecordKey,
        relation: Relation,
        owner: &RecordRef,
    ) -> Result<usize, StoreError> {
        let space = member.space.as_str();
        let there = one(
            self.connection,
            "SELECT 1 FROM resource WHERE space = ?1 AND kind = ?2 AND id = ?3",
            params![space, owner.kind, owner.id],
            |_| Ok(()),
        )?;
        if there.is_none() {
            return Ok(0);
        }
        execute(
            self.connection,
            "INSERT INTO link_order (space, relation, last) VALUES (?1, ?2, 1) \
             ON CONFLICT DO UPDATE SET last = last + 1",
            params![space, relation],
        )?;
        execute(
            self.connection,
            "INSERT INTO link (space, relation, member_id, member_kind, owner_id, owner_kind, position) \
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, last FROM link_order WHERE space = ?1 AND relation = ?2",
            params![space, relation, member.record.id, member.record.kind, owner.id, owner.kind],
        )?;
        execute(
            self.connection,
            "UPDATE resource SET owner = 1 WHERE space = ?1 AND kind = ?2 AND id = ?3",
            params![space, owner.kind, owner.id],
        )?;
        self.touch(member, owner)
    }

    pub(super) fn remove_link(
        &self,
        member: &RecordKey,
        relation: Relation,
        owner: &RecordRef,
    ) -> Result<usize, StoreError> {
        execute(
            self.connection,
            "DELETE FROM link WHERE space = ?1 AND relation = ?2 AND member_id = ?3 AND member_kind = ?4 \
             AND owner_id = ?5 AND owner_kind = ?6",
            params![
                member.space.as_str(),
                relation,
                member.record.id,
                member.record.kind,
                owner.id,
                owner.kind
            ],
        )?;
        self.touch(member, owner)
    }

    fn touch(&self, member: &RecordKey, owner: &RecordRef) -> Result<usize, StoreError> {
        let mut touched = 0;
        for end in [&member.record, owner] {
            touched += execute(
                self.connection,
                "UPDATE resource SET version = version + 1 WHERE space = ?1 AND kind = ?2 AND id = ?3",
                params![member.space.as_str(), end.kind, end.id],
            )?;
        }
        Ok(touched)
    }
}
