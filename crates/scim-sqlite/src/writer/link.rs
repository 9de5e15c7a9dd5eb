//! Links between records.

use rusqlite::params;
use scim_core::{End, Links};
use scim_engine::store::{LinkKey, RecordKey, Refused};

use super::batch::{Run, Written};
use super::refusal::Step;
use crate::error::store_error;
use crate::row::{execute, one};

impl Run<'_> {
    pub(super) fn link(&mut self, link: &LinkKey) -> Step<()> {
        let [owner, member] = ends(link);
        let is_owner = self.known(&owner)?;
        self.known(&member)?;
        let position = self.next_position(link)?;
        let new = execute(
            self.connection,
            "INSERT INTO link (space, relation, member_id, member_kind, owner_id, owner_kind, position) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
            params![
                link.space.as_str(),
                link.relation,
                member.record.id,
                member.record.kind,
                owner.record.id,
                owner.record.kind,
                position
            ],
        )?;
        if new == 0 {
            return Ok(());
        }
        if !is_owner {
            execute(
                self.connection,
                "UPDATE resource SET owner = 1 WHERE space = ?1 AND kind = ?2 AND id = ?3",
                params![owner.space.as_str(), owner.record.kind, owner.record.id],
            )?;
            self.known.insert(owner.clone(), true);
        }
        self.touch(owner);
        self.touch(member);
        Ok(())
    }

    pub(super) fn unlink(&mut self, link: &LinkKey) -> Step<()> {
        let gone = execute(
            self.connection,
            "DELETE FROM link WHERE space = ?1 AND relation = ?2 AND member_id = ?3 AND member_kind = ?4 \
             AND owner_id = ?5 AND owner_kind = ?6",
            params![
                link.space.as_str(),
                link.relation,
                link.member.id,
                link.member.kind,
                link.owner.id,
                link.owner.kind
            ],
        )?;
        if gone > 0 {
            ends(link).into_iter().for_each(|end| self.touch(end));
        }
        Ok(())
    }

    pub(super) fn clear_links(&self, of: &RecordKey, links: Links) -> Step<()> {
        self.clear(of, links.relation, links.end)
    }

    /// Removes all links of a record that is deleted.
    pub(super) fn clear_all_links(&self, of: &RecordKey) -> Step<()> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT relation FROM link_order WHERE space = ?1")
            .map_err(store_error)?;
        let relations = statement.query_map([of.space.as_str()], |row| row.get::<_, String>(0));
        let relations: Vec<String> = relations.and_then(Iterator::collect).map_err(store_error)?;
        let new = self.positions_of_links.keys().filter(|(space, _)| *space == of.space);
        let new = new.map(|(_, relation)| (*relation).to_owned()).filter(|new| !relations.contains(new));
        let new: Vec<String> = new.collect();
        for relation in relations.iter().chain(&new) {
            self.clear(of, relation, End::Owner)?;
            self.clear(of, relation, End::Member)?;
        }
        Ok(())
    }

    fn clear(&self, of: &RecordKey, relation: &str, end: End) -> Step<()> {
        let sql = match end {
            End::Owner => {
                "DELETE FROM link WHERE space = ?1 AND relation = ?2 AND owner_id = ?3 AND owner_kind = ?4"
            }
            End::Member => {
                "DELETE FROM link WHERE space = ?1 AND relation = ?2 AND member_id = ?3 AND member_kind = ?4"
            }
        };
        execute(self.connection, sql, params![of.space.as_str(), relation, of.record.id, of.record.kind])?;
        Ok(())
    }

    /// Whether the record is marked as an owner; refused unless it is there.
    fn known(&mut self, key: &RecordKey) -> Step<bool> {
        if let Some(owner) = self.known.get(key) {
            return Ok(*owner);
        }
        let owner = one(
            self.connection,
            "SELECT owner FROM resource WHERE space = ?1 AND kind = ?2 AND id = ?3",
            params![key.space.as_str(), key.record.kind, key.record.id],
            |row| row.get(0),
        )?;
        let Some(owner) = owner else { return Err(Refused::Missing(key.clone()).into()) };
        self.known.insert(key.clone(), owner);
        Ok(owner)
    }

    fn touch(&mut self, key: RecordKey) {
        self.written.entry(key).or_insert(Written::Touched);
    }

    fn next_position(&mut self, link: &LinkKey) -> Step<i64> {
        let key = (link.space.clone(), link.relation);
        let last = match self.positions_of_links.get(&key) {
            Some(last) => *last,
            None => one(
                self.connection,
                "SELECT last FROM link_order WHERE space = ?1 AND relation = ?2",
                params![link.space.as_str(), link.relation],
                |row| row.get(0),
            )?
            .unwrap_or_default(),
        };
        self.positions_of_links.insert(key, last + 1);
        Ok(last + 1)
    }

    pub(super) fn keep_positions_of_links(&self) -> Step<()> {
        for ((space, relation), last) in &self.positions_of_links {
            execute(
                self.connection,
                "INSERT INTO link_order (space, relation, last) VALUES (?1, ?2, ?3) \
                 ON CONFLICT DO UPDATE SET last = excluded.last",
                params![space.as_str(), relation, last],
            )?;
        }
        Ok(())
    }
}

/// The owner and the member.
fn ends(link: &LinkKey) -> [RecordKey; 2] {
    [&link.owner, &link.member].map(|end| RecordKey { space: link.space.clone(), record: end.clone() })
}
