//! What can be made again from documents and links, and the way of a repair.

use std::future::Future;

use scim_engine::check::Repaired;
use scim_engine::store::{ClaimKey, Counter, RecordKey, RecordRef, Space, StoreError};

use super::Findings;
use crate::sql::Param;

/// How many mends share a transaction: few, so that nobody waits for long.
pub const MEND_AT_ONCE: usize = 50;

/// How often a repair looks again at most.
const MOST_PASSES: usize = 100;

/// Space and name of the mark that each mending of sums raises, so that no two of them add the same
/// difference.
pub const REPAIR_MARK: [&str; 2] = ["repair", "sums"];

/// Something that can be made again. Whoever does so looks again first, in the same transaction.
#[derive(Clone, Debug, PartialEq)]
pub enum Mend {
    /// All that comes from the record: folded names, match form, index, unique values, and links to those
    /// owners whom it must have.
    Record(RecordKey),
    /// A row of `unique_value`, which goes unless its holder has the value.
    Claim {
        /// The row; its value is what stands for it.
        row: ClaimKey,
        /// Its holder.
        holder: RecordRef,
    },
    /// A row of the index, which goes unless its record has the value.
    Indexed(IndexedKey),
    /// A link, which goes if an end is missing, and is counted otherwise.
    Link(LinkRow),
    /// Work that is to stand in the shard of its space.
    Work {
        /// The space.
        space: Space,
        /// Which one.
        name: String,
    },
    /// A total that is wrong by so much, whatever has come and gone since.
    Total {
        /// The space.
        space: String,
        /// The kind of record.
        kind: String,
        /// What is to be added.
        by: i64,
    },
    /// A counter that is wrong by so much, whatever has been added since.
    Counter {
        /// The space.
        space: String,
        /// Which one.
        name: String,
        /// What is to be added.
        by: i64,
        /// Where it was lost: as it is made again.
        lost: Option<Counter>,
    },
}

/// The key of a row of `attribute_value`.
#[derive(Clone, Debug, PartialEq)]
pub struct IndexedKey {
    /// The record.
    pub record: RecordKey,
    /// The path.
    pub path: String,
    /// The rank.
    pub rank: i64,
    /// The value as it stands there.
    pub value: Param,
    /// When the record was created, as the row says.
    pub created: i64,
}

/// A row of `link`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LinkRow {
    /// The space.
    pub space: String,
    /// The relation.
    pub relation: String,
    /// The owner.
    pub owner: RecordRef,
    /// The member.
    pub member: RecordRef,
}

/// A backend that can be mended.
pub trait Menders: Send + Sync {
    /// Checks everything in one snapshot.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when the store cannot answer now.
    fn look(&self) -> impl Future<Output = Result<Findings, StoreError>> + Send;

    /// Carries mends out in one transaction; how many of them changed something. With a mark, nothing
    /// happens unless it has this version, which is raised.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when the store cannot answer now; nothing has changed then.
    fn mend(
        &self,
        mends: Vec<Mend>,
        mark: Option<i64>,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;
}

/// Looks and mends until nothing is left that can be mended.
///
/// Sums come last. What they are wrong by stays the same while others use the store, so it is simply added.
///
/// # Errors
///
/// Returns a [`StoreError`] when the store cannot answer now; what was mended stays so.
pub async fn repair(store: &impl Menders) -> Result<Repaired, StoreError> {
    let mut findings = store.look().await?;
    let mut repaired = Repaired { found: findings.faults.clone(), ..Repaired::default() };
    for _ in 0..MOST_PASSES {
        let mut changed = 0;
        for some in findings.mends.chunks(MEND_AT_ONCE) {
            changed += store.mend(some.to_vec(), None).await?;
        }
        if changed == 0 {
            for (mark, some) in (findings.mark..).zip(findings.sums.chunks(MEND_AT_ONCE)) {
                changed += store.mend(some.to_vec(), Some(mark)).await?;
            }
        }
        if changed == 0 {
            break;
        }
        repaired.mended += changed;
        findings = store.look().await?;
    }
    repaired.remaining = findings.faults;
    Ok(repaired)
}
