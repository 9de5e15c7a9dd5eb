//! The pure functions: match, order, validate, apply, project; prints a table at the end.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Duration;

use criterion::{BatchSize, Criterion};
use scim_benches::report;
use scim_core::message::ListResponse;
use scim_core::schema::urn;
use scim_core::{
    BindContext, Document, Head, Leniency, Linked, Locations, Omitted, PatchRequest, Registry, ResourceType,
    Selection, Subject, TypeDef, UnknownAttribute, Whole, schema,
};
use scim_testkit::data::rfc_example;
use serde_json::{Map, Value, json};

const BASE: &str = "https://scim.example/v2";

/// Filters, as they are asked of one user who is the fullest that the standard prints.
const FILTERS: [(&str, &str); 7] = [
    ("eq-user-name", r#"userName eq "bjensen@example.com""#),
    ("eq-id", r#"id eq "2819c223-7f76-453a-919d-413861904646""#),
    ("eq-other", r#"externalId eq "nobody""#),
    ("eq-extension", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq \"Tours\""),
    ("value-path", r#"emails[type eq "work" and value eq "bjensen@example.com"]"#),
    ("date", r#"meta.lastModified ge "2011-05-13T04:42:34Z""#),
    ("group", r#"userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")"#),
];

fn registry() -> Registry {
    Registry::builder()
        .schema(schema::user())
        .schema(schema::enterprise_user())
        .resource_type(ResourceType::new("User", "/Users", urn::USER).with_extension(urn::ENTERPRISE_USER))
        .build()
        .expect("the schemas of the standard fit together")
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => panic!("{other} is no object"),
    }
}

fn endpoints() -> Vec<(String, String)> {
    vec![("User".to_owned(), "/Users".to_owned())]
}

fn stored(users: &TypeDef) -> Document {
    let body = object(rfc_example("resources/user-enterprise.json"));
    users.create(body, Leniency::default()).expect("the standard's own user is accepted").document
}

fn matching(criterion: &mut Criterion, users: &TypeDef) {
    let endpoints = endpoints();
    let context = BindContext { base: BASE, endpoints: &endpoints, unknown: UnknownAttribute::Refused };
    let document = stored(users);
    let form = users.match_form(&document);
    let subject = Subject {
        id: "2819c223-7f76-453a-919d-413861904646",
        created: 1_264_222_582_000,
        modified: 1_305_261_754_000,
        version: "W/\"1.0\"",
        form: &form,
        links: &|_| Vec::new(),
    };
    let mut group = criterion.benchmark_group("match");
    for (name, filter) in FILTERS {
        let filter = scim_syntax::parse_filter(filter).expect("the filter parses");
        let predicate = users.bind(&filter, &context).expect("the filter suits users");
        group.bench_function(name, |b| b.iter(|| black_box(&predicate).matches(black_box(&subject))));
    }
    group.bench_function("order", |b| {
        let order = users.order("name.familyName", None).expect("users have names").expect("names differ");
        b.iter(|| black_box(&order).compare(black_box(&subject), black_box(&subject)));
    });
    group.bench_function("bind", |b| {
        let filter = scim_syntax::parse_filter(FILTERS[4].1).expect("the filter parses");
        b.iter(|| users.bind(black_box(&filter), &context));
    });
    group.bench_function("match-form", |b| b.iter(|| users.match_form(black_box(&document))));
    group.finish();
}

/// What Entra ID sends for one changed person, what Okta sends to deactivate one, and a long one.
fn patches() -> [(&'static str, Value); 3] {
    let entra = json!([
        { "op": "Replace", "path": "displayName", "value": "Lea B." },
        { "op": "Replace", "path": "name.givenName", "value": "Lea" },
        { "op": "Replace", "path": "emails[type eq \"work\"].value", "value": "lea.b@contoso.com" },
        { "op": "Add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+49 170 1" },
        { "op": "Add", "path": format!("{}:department", urn::ENTERPRISE_USER), "value": "Design" },
        { "op": "Replace", "path": "active", "value": "False" },
    ]);
    let okta = json!([{ "op": "replace", "value": { "active": false } }]);
    let many: Vec<Value> = (0..100)
        .map(|i| json!({ "op": "replace", "path": "emails[type eq \"work\"].value", "value": format!("{i}@example.com") }))
        .collect();
    let body = |operations| json!({ "schemas": [urn::PATCH_OP], "Operations": operations });
    [
        ("entra-6-operations", body(entra)),
        ("okta-deactivate", body(okta)),
        ("100-operations", body(json!(many))),
    ]
}

fn applying(criterion: &mut Criterion, users: &TypeDef) {
    let endpoints = endpoints();
    let context = BindContext { base: BASE, endpoints: &endpoints, unknown: UnknownAttribute::Refused };
    let document = stored(users);
    let leniency = Leniency::default();
    let mut group = criterion.benchmark_group("apply");
    for (name, patch) in patches() {
        let body = object(patch);
        let apply = |body| {
            let request = PatchRequest::read(body, leniency).expect("it is a PATCH");
            users.patch(black_box(&document), request, leniency, &context).expect("it suits the user")
        };
        group.bench_function(name, |b| b.iter_batched(|| body.clone(), apply, BatchSize::SmallInput));
    }
    group.finish();
}

fn validating(criterion: &mut Criterion, users: &TypeDef) {
    let leniency = Leniency::default();
    let mut group = criterion.benchmark_group("validate");
    for name in ["user-minimal", "user-full"] {
        let body = object(rfc_example(&format!("resources/{name}.json")));
        let create = |body| users.create(body, leniency).expect("the standard's own user is accepted");
        group.bench_function(name, |b| b.iter_batched(|| body.clone(), create, BatchSize::SmallInput));
    }
    let document = stored(users);
    let body = object(rfc_example("resources/user-enterprise.json"));
    let replace = |body| users.replace(&document, body, leniency, Omitted::Cleared).expect("nothing changes");
    group.bench_function("put-user-enterprise", |b| {
        b.iter_batched(|| body.clone(), replace, BatchSize::SmallInput);
    });
    group.finish();
}

fn projecting(criterion: &mut Criterion, users: &TypeDef) {
    let document = stored(users);
    let head = Head { id: "2819c223", created: 0, modified: 0, version: "W/\"1.0\"" };
    let (linked, shown) = (Linked::new(), Map::new());
    let whole = Whole { head: &head, document: &document, linked: &linked, shown: &shown };
    let locations = Locations { base: BASE.to_owned(), endpoints: endpoints() };
    let mut group = criterion.benchmark_group("project");
    for (name, attributes, excluded) in [
        ("everything", None, None),
        ("user-name-only", Some("userName"), None),
        ("without-emails", None, Some("emails,groups")),
        ("parts", Some("name.givenName,emails.value,department"), None),
    ] {
        let selection = Selection::new(attributes, excluded).expect("one of the two");
        let selected = users.select(&selection);
        group.bench_function(name, |b| b.iter(|| users.represent(&whole, &selected, &locations, &|_| false)));
    }
    let selected = users.select(&Selection::Default);
    group.bench_function("page-of-100-as-text", |b| {
        b.iter(|| {
            let page = (0..100).map(|_| users.represent(&whole, &selected, &locations, &|_| false));
            serde_json::to_vec(&ListResponse::by_index(100, 1, page.collect()))
        });
    });
    group.finish();
}

fn main() {
    let registry = registry();
    let users = registry.type_named("User").expect("it was registered");
    let results = results();
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2))
        .output_directory(&results)
        .configure_from_args();
    matching(&mut criterion, users);
    applying(&mut criterion, users);
    validating(&mut criterion, users);
    projecting(&mut criterion, users);
    criterion.final_summary();
    if report::was_measured() {
        print_table(&results);
    }
}

/// Where criterion writes: beside what cargo builds.
fn results() -> PathBuf {
    let bench = std::env::current_exe().expect("a running bench has a path");
    // target/release/deps/core-…
    bench.ancestors().nth(3).unwrap_or(Path::new("target")).join("criterion")
}

/// What was measured, in the order in which it was.
#[expect(clippy::print_stdout, reason = "the table is what this program is for")]
fn print_table(results: &Path) {
    let matched = FILTERS.iter().map(|(name, _)| *name).chain(["order", "bind", "match-form"]).collect();
    let applied = patches().iter().map(|(name, _)| *name).collect();
    let groups: [(&str, Vec<&str>); 4] = [
        ("match", matched),
        ("apply", applied),
        ("validate", vec!["user-minimal", "user-full", "put-user-enterprise"]),
        ("project", vec!["everything", "user-name-only", "without-emails", "parts", "page-of-100-as-text"]),
    ];
    println!("| function | ns |\n| --- | ---: |");
    for (group, functions) in groups {
        for function in functions {
            // What has no input of its own lies in the folder of the function.
            if let Some(time) = report::nanoseconds(results, group, function, "") {
                println!("| {group}, {function} | {time:.0} |");
            }
        }
    }
}
