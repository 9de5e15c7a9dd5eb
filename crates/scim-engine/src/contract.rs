//! The contract suite: what a storage backend promises, one test for each promise.
//!
//! Each function takes a store that is new and empty, and panics with the promise that it breaks. The
//! numbers of promises are those of the workspace's design. [`store_contract!`](crate::store_contract)
//! writes a test for each of them:
//!
//! ```
//! mod contract {
//!     scim_engine::store_contract!(async || scim_engine::MemoryStore::new());
//! }
//! ```
//!
//! Beside them a store runs the [`oracle`], as many random queries as its speed allows, the [`walks`], and with
//! [`outbox_contract!`](crate::outbox_contract) a worker's [outbox](outbox) on it.
//!
//! A test binary that uses the macro needs tokio with the features `macros` and `rt-multi-thread`.
//! [`promises`] gives the same functions as a list, and [`broken`] stores that break one promise each,
//! so that the suite itself can be tested.

pub mod atomic;
pub mod broken;
pub mod claims;
pub mod counters;
mod directory;
pub mod events;
mod filters;
pub mod guards;
pub mod hidden;
pub mod links;
pub mod notes;
pub mod oracle;
pub mod outbox;
pub mod pages;
mod probe;
pub mod races;
pub mod selection;
pub mod tenants;
pub mod versions;
pub mod walks;
pub mod work;

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use crate::store::Store;

/// A promise, and how a store is put to it.
pub struct Promise<S> {
    /// The name of the function that tests it.
    pub name: &'static str,
    /// Tests a store that is new and empty; panics if it breaks the promise.
    pub test: fn(S) -> Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl<S> fmt::Debug for Promise<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Promise").field("name", &self.name).finish_non_exhaustive()
    }
}

/// All promises, as [`store_contract!`](crate::store_contract) tests them.
#[must_use]
pub fn promises<S: Store>() -> Vec<Promise<S>> {
    crate::store_contract!(@each list S)
}

/// Writes one `#[tokio::test]` for each promise of the [contract suite](crate::contract).
///
/// It takes an async closure, or the name of an async function, that makes a new and empty store.
#[macro_export]
macro_rules! store_contract {
    (@each $what:ident $with:tt) => {
        $crate::store_contract! { @$what $with
            atomic::a_refused_batch_changes_nothing
            atomic::a_failed_guard_changes_nothing
            atomic::a_refusal_says_what_refused
            versions::a_record_comes_back_as_it_was_put
            versions::values_come_in_the_order_of_their_keys
            versions::a_stale_write_is_refused
            versions::a_write_to_nothing_is_refused
            versions::times_never_go_back
            versions::a_batch_is_one_version
            versions::ensure_creates_what_is_not_there
            versions::a_deleted_record_is_gone
            guards::a_guard_holds_for_a_record_only_read
            guards::a_guard_holds_for_a_holder_and_a_link
            guards::a_guard_holds_for_absence
            guards::a_guard_holds_for_a_mark
            guards::a_guard_that_holds_stands_in_nobodys_way
            claims::a_value_has_one_holder
            claims::a_claim_touches_no_record
            claims::a_released_value_is_free
            claims::values_can_be_swapped
            claims::a_value_may_be_long
            links::a_link_is_seen_from_both_ends
            links::a_link_touches_both_ends
            links::a_link_needs_both_ends
            links::a_clear_touches_nobody
            links::a_delete_takes_links_along
            links::kinds_of_links_are_apart
            links::far_ends_are_filtered_and_limited
            links::a_listing_brings_links_along
            counters::a_counter_keeps_its_bounds
            counters::adds_are_checked_in_sum
            counters::a_limit_rises_in_whole_steps
            counters::a_new_counter_starts_at_zero
            counters::a_set_counter_asks_no_bound
            counters::bounds_are_set_around_the_value
            counters::a_counter_does_not_overflow
            events::events_come_in_order
            events::streams_are_apart
            events::a_reader_skips_no_event
            events::an_event_comes_with_its_change
            events::the_newest_events_come_first
            events::a_trimmed_stream_goes_on
            events::an_event_is_amended_in_its_place
            work::due_work_comes_oldest_first
            work::work_can_be_moved
            work::work_is_found_in_its_shard
            tenants::keys_of_tenants_are_apart
            tenants::writes_of_tenants_are_apart
            tenants::listings_of_tenants_are_apart
            tenants::a_batch_may_name_several_spaces
            hidden::hidden_records_are_not_listed
            hidden::hidden_records_are_found_by_key
            hidden::hidden_far_ends_are_shown_on_demand
            hidden::hidden_far_ends_match_on_demand
            hidden::hidden_records_can_be_written
            selection::filters_select_users_as_the_matcher_does
            selection::filters_select_groups_as_the_matcher_does
            selection::orders_are_those_of_the_matcher
            selection::the_default_order_is_by_creation
            selection::filtered_listings_are_ordered_as_the_matcher_does
            selection::several_types_are_listed_as_one
            selection::long_values_are_values_like_others
            pages::pages_by_position_give_the_whole_listing
            pages::pages_of_several_types_give_the_whole_listing
            pages::pages_survive_writes_in_between
            pages::an_offset_passes_over_records
            pages::a_position_needs_no_record
            pages::a_total_counts_all_matches
            pages::what_is_left_is_counted_behind_a_position
            notes::a_note_is_found_as_it_was_written_last
            notes::notes_of_spaces_are_apart
            notes::notes_are_bounded
            races::no_update_is_lost
            races::one_of_many_creates
            races::one_of_many_gets_the_value
            races::a_limit_is_never_oversold
            races::adds_never_refuse_each_other
            races::no_write_skew
            races::no_phantom
            races::links_never_refuse_each_other
            races::crossing_batches_come_through
            races::a_batch_is_seen_whole
        }
    };
    (@list $store:ident $($module:ident :: $name:ident)+) => {
        vec![$($crate::contract::Promise {
            name: stringify!($name),
            test: |store: $store| Box::pin($crate::contract::$module::$name(store)),
        }),+]
    };
    (@tests ($make:expr) $($module:ident :: $name:ident)+) => {
        $(
            #[::tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $name() {
                let make = $make;
                let store = make().await;
                $crate::contract::$module::$name(store).await;
            }
        )+
    };
    ($make:expr) => {
        $crate::store_contract! { @each tests ($make) }
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemoryStore;

    /// A test that stands in no list would never run.
    #[test]
    fn every_test_is_listed() {
        let sources = [
            include_str!("contract/atomic.rs"),
            include_str!("contract/versions.rs"),
            include_str!("contract/guards.rs"),
            include_str!("contract/claims.rs"),
            include_str!("contract/links.rs"),
            include_str!("contract/counters.rs"),
            include_str!("contract/events.rs"),
            include_str!("contract/work.rs"),
            include_str!("contract/tenants.rs"),
            include_str!("contract/hidden.rs"),
            include_str!("contract/selection.rs"),
            include_str!("contract/pages.rs"),
            include_str!("contract/notes.rs"),
            include_str!("contract/races.rs"),
        ];
        let lines = sources.iter().flat_map(|source| source.lines());
        let written = lines.filter_map(|line| line.strip_prefix("pub async fn ")?.split('(').next());
        let listed: Vec<&str> = promises::<MemoryStore>().iter().map(|promise| promise.name).collect();
        assert_eq!(written.collect::<Vec<_>>(), listed);
        let outbox = include_str!("contract/outbox.rs");
        for name in outbox.lines().filter_map(|line| line.strip_prefix("pub async fn ")?.split('(').next()) {
            assert!(outbox.lines().any(|line| line.trim() == name), "{name} is in the list of the macro");
        }
    }
}
