//! Properties that hold for any resource, PATCH, filter and order.

use std::cmp::Ordering;
use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use scim_core::schema::{Attribute, Mutability};
use scim_core::syntax::Filter;
use scim_core::{
    Document, FarEnd, Leniency, Linked, Links, Omitted, PatchRequest, Predicate, Registry, Selection,
    Subject, TypeDef, arbitrary,
};
use serde_json::{Map, Value, json};

use crate::world::{context, shown_with};

static REGISTRY: LazyLock<Registry> = LazyLock::new(arbitrary::registry_for_tests);

fn users() -> &'static Arc<TypeDef> {
    REGISTRY.type_named("User").unwrap()
}

fn groups() -> &'static Arc<TypeDef> {
    REGISTRY.type_named("Group").unwrap()
}

/// What holds for every document: canonical names, nothing null or empty, nothing twice, one primary
/// value at most, nothing that only the server or links say; and its match form has the same shape.
fn check_document(def: &TypeDef, document: &Document) {
    let form = def.match_form(document);
    assert_eq!(document.as_map().len(), form.len(), "{document:?}");
    for (key, value) in document.as_map() {
        if let Some(extension) = def.extension(key) {
            assert_eq!(&extension.id, key);
            let parts = value.as_object().unwrap();
            assert!(!parts.is_empty(), "{document:?}");
            for (name, value) in parts {
                let attribute = extension.attribute(name).unwrap();
                check_attribute(def, Some(&extension.id), attribute, name, value, &form[key][name]);
            }
        } else {
            check_attribute(def, None, def.base_attribute(key).unwrap(), key, value, &form[key]);
        }
    }
    let required =
        def.attributes().filter(|(extension, attribute)| extension.is_none() && attribute.required);
    for (_, attribute) in required {
        assert!(document.get(None, &attribute.name).is_some(), "{document:?} lacks {}", attribute.name);
    }
}

fn check_attribute(
    def: &TypeDef,
    extension: Option<&str>,
    attribute: &Attribute,
    name: &str,
    value: &Value,
    form: &Value,
) {
    assert_eq!(attribute.name, name);
    assert!(!["id", "schemas", "meta", "password"].contains(&name) || extension.is_some(), "{name}");
    assert_ne!(attribute.mutability, Mutability::ReadOnly, "{name}");
    assert!(def.link(extension, name).is_none(), "{name}");
    check_value(def, attribute, value, form);
}

fn check_value(def: &TypeDef, attribute: &Attribute, value: &Value, form: &Value) {
    let Value::Array(elements) = value else { return check_single(def, attribute, value, form) };
    assert!(attribute.multi_valued && !elements.is_empty(), "{value}");
    let forms = form.as_array().unwrap();
    assert_eq!(elements.len(), forms.len());
    let primary = |value: &Value| value.get("primary") == Some(&json!(true));
    assert!(elements.iter().filter(|element| primary(element)).count() <= 1, "{value}");
    assert!(!forms.iter().skip(1).any(primary), "the primary value comes first: {form}");
    for (at, element) in elements.iter().enumerate() {
        let same = |other: &Value| match (element.get("value"), other.get("value")) {
            (Some(one), Some(other_value)) => one == other_value && element.get("type") == other.get("type"),
            _ => element == other,
        };
        assert!(!elements[..at].iter().any(same), "{value}");
    }
    // The form may have another order, so each element is checked against itself.
    elements.iter().for_each(|element| check_single(def, attribute, element, element));
}

fn check_single(def: &TypeDef, attribute: &Attribute, value: &Value, form: &Value) {
    match value {
        Value::Null | Value::Array(_) => panic!("{} holds {value}", attribute.name),
        Value::String(text) => assert!(!text.is_empty(), "{}", attribute.name),
        Value::Object(parts) => {
            assert!(!parts.is_empty());
            if def.derived_reference(attribute).is_some() && parts.contains_key("value") {
                assert!(!parts.contains_key("$ref"), "{value}");
            }
            for (name, part) in parts {
                let sub = attribute.sub_attribute(name).unwrap();
                assert_eq!(&sub.name, name);
                assert_ne!(sub.mutability, Mutability::ReadOnly, "{name}");
                check_value(def, sub, part, &form[name]);
            }
        }
        Value::Bool(_) | Value::Number(_) => {}
    }
}

fn patch(
    def: &TypeDef,
    current: &Document,
    body: Map<String, Value>,
    leniency: Leniency,
) -> Option<Document> {
    let request = PatchRequest::read(body, leniency).ok()?;
    def.patch(current, request, leniency, &context()).ok().map(|desired| desired.document)
}

fn operation(operation: &Value) -> Map<String, Value> {
    crate::world::map(json!({ "Operations": [operation] }))
}

/// A resource to ask filters about.
#[derive(Debug)]
struct Resource {
    form: Map<String, Value>,
    ends: Vec<FarEnd>,
    created: i64,
}

impl Resource {
    fn new(def: &TypeDef, document: &Document, ends: Vec<FarEnd>, created: i64) -> Self {
        Self { form: def.match_form(document), ends, created }
    }

    fn with<T>(&self, id: &str, ask: impl FnOnce(&Subject<'_>) -> T) -> T {
        let links = |_: Links| self.ends.clone();
        ask(&Subject {
            id,
            created: self.created,
            modified: self.created + 1,
            version: "W/\"1.0\"",
            form: &self.form,
            links: &links,
        })
    }

    fn fits(&self, predicate: &Predicate) -> bool {
        self.with("u1", |subject| predicate.matches(subject))
    }
}

fn resources(def: &TypeDef) -> impl Strategy<Value = Resource> + use<> {
    let owned = def.clone();
    let created = prop::sample::select(vec![0, 1_000, 1_767_323_045_000]);
    (arbitrary::documents(def), arbitrary::far_ends(), created)
        .prop_map(move |(document, ends, created)| Resource::new(&owned, &document, ends, created))
}

fn bind(def: &TypeDef, filter: &Filter<'_>) -> Predicate {
    def.bind(filter, &context()).unwrap_or_else(|error| panic!("{filter}: {error}"))
}

fn not(filter: Filter<'static>) -> Filter<'static> {
    Filter::Not(Box::new(filter))
}

/// The filter with another one in the place of a text.
fn rewritten(filter: &str) -> Filter<'static> {
    filter.parse().unwrap_or_else(|error| panic!("{filter}: {error}"))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// 7643-2.5-01, 7643-2.4-01, 7643-2.4-02: whatever is sent, what is stored is canonical.
    #[test]
    fn documents_are_canonical(
        body in arbitrary::any_body(users()),
        put in arbitrary::any_body(users()),
        patches in prop::collection::vec(arbitrary::any_patch(users()), 0..4),
        kept in any::<bool>(),
    ) {
        let omitted = if kept { Omitted::Kept } else { Omitted::Cleared };
        let Ok(created) = users().create(body, Leniency::default()) else { return Ok(()) };
        let mut document = created.document;
        check_document(users(), &document);
        if let Ok(replaced) = users().replace(&document, put, Leniency::default(), omitted) {
            document = replaced.document;
            check_document(users(), &document);
        }
        for body in patches {
            let before = document.clone();
            match patch(users(), &document, body, Leniency::default()) {
                Some(patched) => document = patched,
                // 7644-3.5.2-12: what is refused changes nothing.
                None => prop_assert_eq!(&document, &before),
            }
            check_document(users(), &document);
        }
    }

    /// Strict settings never panic, and store nothing that lenient ones would not.
    #[test]
    fn strict_settings_take_less(body in arbitrary::any_body(users()), operations in arbitrary::any_patch(users())) {
        let strict = users().create(body.clone(), Leniency::strict());
        let lenient = users().create(body, Leniency::default());
        if let Ok(strict) = &strict {
            prop_assert!(lenient.is_ok(), "{strict:?}");
            prop_assert!(strict.fired.is_empty());
        }
        let start = lenient.map(|desired| desired.document).unwrap_or_default();
        patch(users(), &start, operations, Leniency::strict());
    }

    /// 7643-4.2-03: groups and their members, as documents and programs.
    #[test]
    fn groups_are_canonical(body in arbitrary::any_body(groups()), operations in arbitrary::any_patch(groups())) {
        let Ok(created) = groups().create(body, Leniency::default()) else { return Ok(()) };
        check_document(groups(), &created.document);
        if let Some(patched) = patch(groups(), &created.document, operations, Leniency::default()) {
            check_document(groups(), &patched);
        }
    }

    /// 7644-3.5.2-11: a removal, or a replacement that names its target, done twice is done once.
    #[test]
    fn operations_that_can_be_repeated(document in arbitrary::documents(users()), operations in arbitrary::operations(users())) {
        for one in operations.as_array().unwrap() {
            let op = one["op"].as_str().unwrap().to_ascii_lowercase();
            let brackets = one["path"].as_str().unwrap_or_default().contains('[');
            if op == "add" || (op == "replace" && brackets) {
                continue;
            }
            if let Some(once) = patch(users(), &document, operation(one), Leniency::default()) {
                let twice = patch(users(), &once, operation(one), Leniency::default());
                prop_assert_eq!(twice.as_ref(), Some(&once), "{}", one);
            }
        }
    }

    /// 7644-3.5.2.1-06: adding what is there changes nothing.
    #[test]
    fn adding_again(document in arbitrary::documents(users())) {
        for (name, value) in document.as_map() {
            let one = json!({ "op": "add", "path": name, "value": value });
            prop_assert_eq!(patch(users(), &document, operation(&one), Leniency::default()), Some(document.clone()), "{}", one);
        }
        let all = json!({ "op": "add", "value": document });
        prop_assert_eq!(patch(users(), &document, operation(&all), Leniency::default()), Some(document));
    }

    /// 7644-3.5.1-08: what was read and is written back changes nothing, and makes the same resource.
    #[test]
    fn written_back(document in arbitrary::documents(users())) {
        // What must be asked for is asked for.
        let mut read = shown_with(users(), &document, &Linked::new(), &Selection::Default);
        for attribute in ["requestText", "thing.extra"] {
            let selection = Selection::Only(vec![attribute.to_owned()]);
            let more = shown_with(users(), &document, &Linked::new(), &selection);
            let parts = more.get(arbitrary::PROBE).and_then(Value::as_object).cloned().unwrap_or_default();
            for (name, value) in parts {
                let holder = read.entry(arbitrary::PROBE).or_insert_with(|| json!({}));
                match (holder.get_mut(&name), value) {
                    (Some(Value::Object(known)), Value::Object(value)) => known.extend(value),
                    (_, value) => holder[&name] = value,
                }
            }
        }
        let replaced = users().replace(&document, read.clone(), Leniency::default(), Omitted::Kept);
        prop_assert_eq!(&replaced.unwrap().document, &document);
        let created = users().create(read, Leniency::default()).unwrap().document;
        let mut public = document;
        for secret in ["writeOnlyText", "neverText"] {
            public.set(Some(arbitrary::PROBE), secret, None);
        }
        if let Some(Value::Object(mut thing)) = public.get(Some(arbitrary::PROBE), "thing").cloned() {
            thing.remove("secret");
            public.set(Some(arbitrary::PROBE), "thing", (!thing.is_empty()).then_some(Value::Object(thing)));
        }
        prop_assert_eq!(created, public);
    }

    /// 7644-3.4.2.2-07: what is present in the match form is present for `pr`, and nothing else is.
    #[test]
    fn present(document in arbitrary::documents(users())) {
        let resource = Resource::new(users(), &document, vec![], 0);
        for (extension, attribute) in users().attributes().filter(|(_, attribute)| !attribute.is_secret()) {
            let path = extension.map_or_else(|| attribute.name.clone(), |uri| format!("{uri}:{}", attribute.name));
            let there = document.get(extension, &attribute.name).is_some();
            prop_assert_eq!(resource.fits(&bind(users(), &rewritten(&format!("{path} pr")))), there, "{}", path);
        }
        for schema in users().extensions() {
            let filter = rewritten(&format!("schemas eq \"{}\"", schema.id));
            prop_assert_eq!(resource.fits(&bind(users(), &filter)), document.as_map().contains_key(&schema.id));
        }
    }

    /// 7644-3.4.2.2-14: the laws of `and`, `or` and `not`, and what is printed means what was bound.
    #[test]
    fn laws_of_logic(resource in resources(users()), a in arbitrary::filters(users()), b in arbitrary::filters(users())) {
        let fits = |filter: &Filter<'_>| resource.fits(&bind(users(), filter));
        let (va, vb) = (fits(&a), fits(&b));
        prop_assert_eq!(fits(&not(a.clone())), !va);
        prop_assert_eq!(fits(&not(not(a.clone()))), va);
        prop_assert_eq!(fits(&a.clone().and(b.clone())), va && vb);
        prop_assert_eq!(fits(&a.clone().or(b.clone())), va || vb);
        let negated_and = not(a.clone().and(b.clone()));
        prop_assert_eq!(fits(&negated_and), fits(&not(a.clone()).or(not(b.clone()))));
        let negated_or = not(a.clone().or(b.clone()));
        prop_assert_eq!(fits(&negated_or), fits(&not(a.clone()).and(not(b))));
        let printed: Filter<'_> = a.to_string().parse().unwrap();
        prop_assert_eq!(bind(users(), &printed), bind(users(), &a));
    }

    /// 7644-3.4.2.2-17: one element satisfies `a or b` if one satisfies `a` or one satisfies `b`; and what one
    /// element satisfies, some element does.
    #[test]
    fn laws_of_value_paths(resource in resources(users()), filter in arbitrary::filters(users())) {
        let Filter::ValuePath { path, filter: inner } = filter else { return Ok(()) };
        let fits = |inner: &Filter<'static>| {
            let filter = Filter::ValuePath { path: path.clone(), filter: Box::new(inner.clone()) };
            resource.fits(&bind(users(), &filter))
        };
        match &*inner {
            Filter::Or(terms) => prop_assert_eq!(fits(&inner), terms.iter().any(fits)),
            Filter::And(terms) => prop_assert!(!fits(&inner) || terms.iter().all(fits)),
            one => {
                let some = resource.fits(&bind(users(), &rewritten(&format!("{path} pr"))));
                prop_assert_eq!(fits(one) || fits(&not(one.clone())), some);
            }
        }
    }

    /// 7644-3.4.2.2-05, 7644-3.4.2.2-08, A09: how the operators hang together, on single values.
    #[test]
    fn laws_of_operators(
        resource in resources(users()),
        path in prop::sample::select(vec!["userName", "displayName", "externalId", "name.givenName", "text", "exactText", "count", "ratio",
            "at", "link", "thing.size", "department", "manager.value", "manager.$ref", "meta.created"]),
        text in arbitrary::texts(),
        at in 0_usize..6,
    ) {
        let operand = match path {
            "count" | "ratio" | "thing.size" => ["0", "1", "1.0", "9007199254740993", "-1", "9.3e18"][at].to_owned(),
            "at" | "meta.created" => ["2026-01-02T03:04:05Z", "2026-01-02T04:04:05+01:00", "2026-01-02T03:04:05.5-00:30",
                "1969-12-31T23:59:59.9Z", "1970-01-01T00:00:01Z", "2026-01-02T03:04:05.000000001Z"][at].to_owned(),
            _ => text,
        };
        let operand = if operand.parse::<f64>().is_ok() && ["count", "ratio", "thing.size"].contains(&path) {
            operand
        } else {
            json!(operand).to_string()
        };
        let fits = |op: &str| resource.fits(&bind(users(), &rewritten(&format!("{path} {op} {operand}"))));
        let there = resource.fits(&bind(users(), &rewritten(&format!("{path} pr"))));
        let (eq, gt, lt) = (fits("eq"), fits("gt"), fits("lt"));
        prop_assert_eq!(fits("ne"), !eq);
        if path == "manager.$ref" {
            // Its `eq` looks at the resource that is named, the others at the text.
            prop_assert!(!(gt && lt));
        } else {
            prop_assert_eq!(u8::from(eq) + u8::from(gt) + u8::from(lt), u8::from(there));
            prop_assert_eq!(fits("ge"), eq || gt);
            prop_assert_eq!(fits("le"), eq || lt);
        }
        if !["count", "ratio", "thing.size", "at", "meta.created", "manager.$ref"].contains(&path) {
            let (sw, ew, co) = (fits("sw"), fits("ew"), fits("co"));
            prop_assert!(!eq || (sw && ew));
            prop_assert!(!(sw || ew) || co);
            prop_assert!(!co || there);
        }
    }

    /// 7644-3.4.2.3-05, 7644-3.4.2.3-06: an order is total, ties go one way, and absent values come last.
    #[test]
    fn orders_are_total(
        resources in prop::collection::vec(resources(users()), 3),
        (path, descending) in arbitrary::orders(users()),
    ) {
        let direction = if descending { "descending" } else { "ascending" };
        let Some(order) = users().order(&path, Some(direction)).unwrap() else { return Ok(()) };
        let ids = ["a", "b", "c"];
        let compare = |one: usize, other: usize| {
            resources[one].with(ids[one], |one| resources[other].with(ids[other], |other| order.compare(one, other)))
        };
        for one in 0..3 {
            prop_assert_eq!(compare(one, one), Ordering::Equal);
            for other in 0..3 {
                prop_assert_eq!(compare(one, other), compare(other, one).reverse());
                prop_assert!(one == other || compare(one, other) != Ordering::Equal);
            }
        }
        let mut places = [0, 1, 2];
        places.sort_by(|&one, &other| compare(one, other));
        prop_assert!(compare(places[0], places[2]).is_lt());
        let absent = |at: usize| {
            resources[at].with(ids[at], |subject| order.key.value(subject) == scim_core::SortValue::Absent)
        };
        let absences = places.map(absent);
        let sorted = absences.is_sorted_by(|one, other| if descending { one >= other } else { one <= other });
        prop_assert!(sorted, "{:?}", absences);
    }
}

/// The generators reach what they are meant to: filters of every kind that hold and that do not.
#[test]
fn generators_are_worth_their_name() {
    use proptest::strategy::ValueTree as _;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut holds, mut patched) = (0, 0);
    for _ in 0..300 {
        let resource = resources(users()).new_tree(&mut runner).unwrap().current();
        let filter = arbitrary::filters(users()).new_tree(&mut runner).unwrap().current();
        holds += usize::from(resource.fits(&bind(users(), &filter)));
        let document = arbitrary::documents(users()).new_tree(&mut runner).unwrap().current();
        let operations = arbitrary::operations(users()).new_tree(&mut runner).unwrap().current();
        let body = crate::world::map(json!({ "Operations": operations }));
        patched += usize::from(
            patch(users(), &document, body, Leniency::default()).is_some_and(|after| after != document),
        );
    }
    assert!((50..250).contains(&holds), "{holds} of 300 filters hold");
    assert!(patched > 75, "{patched} of 300 PATCHes change something");
}
