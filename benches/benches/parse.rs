//! The filter parser beside the published ones and the floor; prints a table at the end.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Duration;

use criterion::{BenchmarkId, Criterion};
use scim_benches::{floor_parser, report};

/// From the shortest filter to groups, value paths, URNs and dates in one.
const FILTERS: [(&str, &str); 13] = [
    ("present", "title pr"),
    ("equal", r#"userName eq "bjensen""#),
    ("date", r#"meta.lastModified ge "2011-05-13T04:42:34Z""#),
    ("literals", "active eq true and loginCount ge 10"),
    ("chain", r#"title pr or userType eq "Intern" or userType eq "Employee" or userType eq "Manager""#),
    ("escapes", r#"title eq "the \"big\" boss \u00e9""#),
    ("urn-value", r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""#),
    ("urn-path", r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J""#),
    ("group", r#"userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")"#),
    (
        "negation",
        r#"userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")"#,
    ),
    (
        "value-paths",
        r#"emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]"#,
    ),
    ("entra", r#"emails[type eq "work"].value eq "bjensen@example.com""#),
    (
        "everything",
        r#"(urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "Sales" or urn:ietf:params:scim:schemas:core:2.0:User:name.familyName sw "Je") and not (meta.lastModified lt "2026-01-01T00:00:00Z" and active eq false) and (emails[type eq "work" and (value ew "@example.com" or value ew "@example.org")] or phoneNumbers[type eq "mobile" and primary eq true])"#,
    ),
];

const GROUP: &str = "parse";

/// Reads a filter, throws the tree away, and says whether all of the text was read.
type Parse = fn(&str) -> bool;

/// Ours first, then the floor, then the peers.
const PARSERS: [(&str, Parse); 5] = [
    ("scim-syntax", |filter| black_box(scim_syntax::parse_filter(filter)).is_ok()),
    ("floor", |filter| black_box(floor_parser::parse(filter)).is_some()),
    ("scim_v2", |filter| black_box(filter.parse::<scim_v2::filter::Filter>()).is_ok()),
    ("scim_proto", |filter| black_box(filter.parse::<scim_proto::filter::ScimFilter>()).is_ok()),
    ("scim-filter", |filter| {
        black_box(scim_filter::parser::filter(filter)).is_ok_and(|(rest, _)| rest.is_empty())
    }),
];

fn measure(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group(GROUP);
    for (name, filter) in FILTERS {
        for (parser, parse) in PARSERS {
            if parse(filter) {
                group.bench_function(BenchmarkId::new(parser, name), |b| b.iter(|| parse(black_box(filter))));
            }
        }
    }
    group.finish();
}

fn main() {
    let results = results();
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .output_directory(&results)
        .configure_from_args();
    measure(&mut criterion);
    criterion.final_summary();
    if report::was_measured() {
        print_table(&results);
    }
}

/// Where criterion writes: beside what cargo builds.
fn results() -> PathBuf {
    let bench = std::env::current_exe().expect("a running bench has a path");
    // target/release/deps/parse-…
    bench.ancestors().nth(3).unwrap_or(Path::new("target")).join("criterion")
}

/// Nanoseconds for each filter and parser; the peers that read it, and how many times longer the
/// fastest of them takes; how many times longer ours takes than the floor.
#[expect(clippy::print_stdout, reason = "the table is what this program is for")]
fn print_table(results: &Path) {
    let nanoseconds = |parser, filter| report::nanoseconds(results, GROUP, parser, filter);
    let [ours, floor, peers @ ..] = PARSERS.map(|(parser, _)| parser);
    println!(
        "| filter | bytes | {ours} | {floor} | {} | fastest peer / ours | ours / floor |",
        peers.join(" | ")
    );
    println!("| --- |{}", " ---: |".repeat(PARSERS.len() + 3));
    let (mut to_peers, mut to_floor) = (Vec::new(), Vec::new());
    for (name, filter) in FILTERS {
        let (Some(own), Some(least)) = (nanoseconds(ours, name), nanoseconds(floor, name)) else { continue };
        let others = peers.map(|peer| reads(peer, filter).then(|| nanoseconds(peer, name)).flatten());
        let fastest = others.into_iter().flatten().reduce(f64::min).map(|peer| peer / own);
        let cells: Vec<String> = others.iter().map(|time| cell(*time, 0)).collect();
        println!(
            "| {name} | {} | {own:.0} | {least:.0} | {} | {} | {:.2} |",
            filter.len(),
            cells.join(" | "),
            cell(fastest, 1),
            own / least
        );
        to_peers.extend(fastest);
        to_floor.push(own / least);
    }
    let means = [&to_peers, &to_floor].map(|ratios| cell(report::geometric_mean(ratios), 2));
    println!("| geometric mean | |{} {} | {} |", " |".repeat(PARSERS.len()), means[0], means[1]);
}

fn reads(parser: &str, filter: &str) -> bool {
    PARSERS.iter().any(|(name, parse)| *name == parser && parse(filter))
}

/// A number, or a dash where a parser does not read the filter.
fn cell(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.digits$}"))
}
