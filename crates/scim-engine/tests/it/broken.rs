//! The suite catches stores that break a promise, in the tests that are about it and in no others.

use std::collections::BTreeSet;

use scim_engine::contract::broken::{Broken, Fault};
use scim_engine::contract::oracle::oracle;
use scim_engine::contract::promises;

/// The names of the tests that fail on a store with this fault.
fn failing(fault: Fault) -> BTreeSet<&'static str> {
    let failed = |promise: &scim_engine::contract::Promise<Broken>| {
        // One thread, so that tasks take turns at the same places in every run.
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let test = runtime.spawn((promise.test)(Broken::new(fault)));
        runtime.block_on(test).is_err_and(|error| error.is_panic())
    };
    promises::<Broken>().iter().filter(|promise| failed(promise)).map(|promise| promise.name).collect()
}

/// `about` are the tests whose promise is broken; `also` are tests of other promises that cannot do
/// without this one.
#[track_caller]
fn catches(fault: Fault, about: &[&str], also: &[&str]) {
    let expected: BTreeSet<&str> = about.iter().chain(also).copied().collect();
    assert!(!about.is_empty());
    assert_eq!(failing(fault), expected, "{fault:?}");
}

macro_rules! caught {
    ($($name:ident: $fault:ident in $about:expr, $also:expr;)+) => {
        $(
            #[test]
            fn $name() {
                catches(Fault::$fault, &$about, &$also);
            }
        )+
    };
}

const REFUSALS: [&str; 2] = ["a_refusal_says_what_refused", "a_refused_batch_changes_nothing"];

const ORDERS: [&str; 3] = [
    "orders_are_those_of_the_matcher",
    "filtered_listings_are_ordered_as_the_matcher_does",
    "several_types_are_listed_as_one",
];

const SELECTION: [&str; 2] =
    ["filters_select_users_as_the_matcher_does", "filtered_listings_are_ordered_as_the_matcher_does"];

/// All that is asked of a listing, of values that are long.
const LONG: &str = "long_values_are_values_like_others";

/// What counts the rest of a listing needs its order, its size and who is in it.
const REST: &str = "what_is_left_is_counted_behind_a_position";

caught! {
    lost_update: LostUpdate in ["a_stale_write_is_refused", "no_update_is_lost"], REFUSALS;
    write_skew: WriteSkew in [
        "a_guard_holds_for_a_record_only_read",
        "a_guard_holds_for_a_holder_and_a_link",
        "no_write_skew",
    ], ["a_failed_guard_changes_nothing"];
    phantom: Phantom in ["a_guard_holds_for_absence", "no_phantom"],
        ["a_failed_guard_changes_nothing", "a_value_may_be_long"];
    stale_mark: StaleMark in ["a_guard_holds_for_a_mark"], ["a_failed_guard_changes_nothing"];
    torn_batch: TornBatch in ["a_refused_batch_changes_nothing", "a_batch_may_name_several_spaces"],
        ["one_of_many_gets_the_value"];
    half_seen: HalfSeen in ["a_batch_is_seen_whole"], [];
    torn_read: TornRead in ["a_batch_is_seen_whole"], [];
    ensure_overwrites: EnsureOverwrites in ["ensure_creates_what_is_not_there", "one_of_many_creates"],
        ["hidden_records_can_be_written"];
    listing_leak: ListingLeak in ["listings_of_tenants_are_apart"], [];
    key_leak: KeyLeak in ["keys_of_tenants_are_apart"], [];
    wrong_ties: WrongTies in ORDERS, [LONG, REST];
    absent_last: AbsentLast in ORDERS, [LONG, REST];
    collation: Collation in ORDERS, [LONG, REST];
    three_valued_logic: ThreeValuedLogic in SELECTION, [];
    wild_cards: WildCards in SELECTION, [];
    repeated_record: RepeatedRecord in [
        "pages_by_position_give_the_whole_listing",
        "pages_of_several_types_give_the_whole_listing",
        "pages_survive_writes_in_between",
        "a_position_needs_no_record",
    ], ["an_offset_passes_over_records", LONG];
    page_total: PageTotal in ["a_total_counts_all_matches"],
        ["an_offset_passes_over_records", REST];
    left_of_all: LeftOfAll in [REST], [];
    stale_note: StaleNote in ["a_note_is_found_as_it_was_written_last"], [];
    note_leak: NoteLeak in ["notes_of_spaces_are_apart"], ["notes_are_bounded"];
    swallowed_bound: SwallowedBound in [
        "a_counter_keeps_its_bounds",
        "a_limit_is_never_oversold",
        "a_set_counter_asks_no_bound",
        "bounds_are_set_around_the_value",
        "a_counter_does_not_overflow",
    ], REFUSALS;
    stolen_claim: StolenClaim in [
        "a_value_has_one_holder",
        "one_of_many_gets_the_value",
        "values_can_be_swapped",
        "a_batch_may_name_several_spaces",
    ], [REFUSALS[0], REFUSALS[1], "a_value_may_be_long"];
    skipped_event: SkippedEvent in ["a_reader_skips_no_event"], [];
    ignored_trim: IgnoredTrim in ["a_trimmed_stream_goes_on"], [];
    ignored_amend: IgnoredAmend in ["an_event_is_amended_in_its_place"], [];
    oldest_first: OldestFirst in ["the_newest_events_come_first"], [];
    // The directory, on which orders and pages are tried, has hidden users and groups.
    hidden_listed: HiddenListed in ["hidden_records_are_not_listed"], [
        "orders_are_those_of_the_matcher",
        "the_default_order_is_by_creation",
        "several_types_are_listed_as_one",
        "pages_by_position_give_the_whole_listing",
        "pages_of_several_types_give_the_whole_listing",
        REST,
    ];
    hidden_far_ends: HiddenFarEnds in ["hidden_far_ends_are_shown_on_demand"], [];
}

/// The oracle catches what the fixed filters and orders catch.
#[test]
fn the_oracle_catches_wrong_listings() {
    for fault in [
        Fault::WrongTies,
        Fault::AbsentLast,
        Fault::Collation,
        Fault::ThreeValuedLogic,
        Fault::WildCards,
        Fault::RepeatedRecord,
        Fault::PageTotal,
    ] {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let test = runtime.spawn(oracle(Broken::new(fault), 1, 2_000));
        assert!(runtime.block_on(test).is_err_and(|error| error.is_panic()), "{fault:?}");
    }
}
