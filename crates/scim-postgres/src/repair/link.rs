//! Mends links: those that hang in the air, and those that a record must or must not have.

use scim_core::Relation;
use scim_engine::store::{RecordKey, RecordRef};
use scim_sql::check::LinkRow;
use tokio_postgres::Error;

use super::{Mender, Params};
use crate::readers::Stop;

impl Mender<'_> {
    /// A link without one of its ends goes; one that has both is counted.
    pub(super) async fn link(&self, link: &LinkRow) -> Result<u64, Stop> {
        let LinkRow { space, relation, owner, member } = link;
        let ends: Params<'_> = &[space, relation, &owner.kind, &owner.id, &member.kind, &member.id];
        let gone = self
            .execute(
                "DELETE FROM link l WHERE l.space = $1 AND l.relation = $2 AND l.owner_kind = $3 \
                 AND l.owner_id = $4 AND l.member_kind = $5 AND l.member_id = $6 AND NOT (\
                 EXISTS (SELECT FROM resource r WHERE r.space = $1 AND r.kind = $3 AND r.id = $4) AND \
                 EXISTS (SELECT FROM resource r WHERE r.space = $1 AND r.kind = $5 AND r.id = $6))",
                ends,
            )
            .await?;
        let known = self
            .execute(
                "UPDATE resource r SET owner = TRUE WHERE r.space = $1 AND r.kind = $3 AND r.id = $4 \
                 AND NOT r.owner AND EXISTS (SELECT FROM link l WHERE l.space = $1 AND l.relation = $2 \
                 AND l.owner_kind = $3 AND l.owner_id = $4 AND l.member_kind = $5 AND l.member_id = $6)",
                ends,
            )
            .await?;
        // Numbers that others take from the sequence meanwhile are lost, and nothing else.
        let counted = self
            .rows(
                "SELECT setval('link_position', l.position) FROM link l WHERE l.space = $1 AND l.relation = $2 \
                 AND l.owner_kind = $3 AND l.owner_id = $4 AND l.member_kind = $5 AND l.member_id = $6 \
                 AND l.position > (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM link_position)",
                ends,
            )
            .await?;
        Ok(gone + known + u64::from(!counted.is_empty()))
    }

    /// Links a record to an owner, if that is there; both show it, so both get a new version.
    pub(super) async fn add_link(
        &self,
        member: &RecordKey,
        relation: Relation,
        owner: &RecordRef,
    ) -> Result<u64, Stop> {
        let space = member.space.as_str();
        let there = "SELECT FROM resource WHERE space = $1 AND kind = $2 AND id = $3 FOR UPDATE";
        if self.rows(there, &[&space, &owner.kind, &owner.id]).await?.is_empty() {
            return Ok(0);
        }
        let linked = self
            .execute(
                "INSERT INTO link (space, relation, member_id, member_kind, owner_id, owner_kind, position) \
                 VALUES ($1, $2, $3, $4, $5, $6, nextval('link_position')) ON CONFLICT DO NOTHING",
                &[&space, &relation, &member.record.id, &member.record.kind, &owner.id, &owner.kind],
            )
            .await?;
        let known = "UPDATE resource SET owner = TRUE WHERE space = $1 AND kind = $2 AND id = $3";
        self.execute(known, &[&space, &owner.kind, &owner.id]).await?;
        self.touch(member, owner).await?;
        Ok(linked)
    }

    pub(super) async fn remove_link(
        &self,
        member: &RecordKey,
        relation: Relation,
        owner: &RecordRef,
    ) -> Result<u64, Stop> {
        let gone = self
            .execute(
                "DELETE FROM link WHERE space = $1 AND relation = $2 AND member_id = $3 AND member_kind = $4 \
                 AND owner_id = $5 AND owner_kind = $6",
                &[
                    &member.space.as_str(),
                    &relation,
                    &member.record.id,
                    &member.record.kind,
                    &owner.id,
                    &owner.kind,
                ],
            )
            .await?;
        self.touch(member, owner).await?;
        Ok(gone)
    }

    async fn touch(&self, member: &RecordKey, owner: &RecordRef) -> Result<(), Error> {
        for end in [&member.record, owner] {
            self.execute(
                "UPDATE resource SET version = version + 1, batch = gen_random_uuid() \
                 WHERE space = $1 AND kind = $2 AND id = $3",
                &[&member.space.as_str(), &end.kind, &end.id],
            )
            .await?;
        }
        Ok(())
    }
}
